//  What an operator may tune about the embedded engine.

extension SQLiteStore {
    /// Limits of memory and time; the defaults suit a machine with one gigabyte.
    package struct Options: Sendable {
        /// Bytes of documents kept in memory.
        package var cacheBytes: Int
        /// How many change sets share one sync at the most.
        package var batchLimit: Int
        /// After how many pages of 4,096 bytes the log is written back into the database. Pages that many commits write,
        /// such as the end of the outbox, are written back once; up to 4,062 pages readers look up in one step.
        package var checkpointPages: Int
        /// How many connections for reading, of half a megabyte each, stay open while nobody reads.
        package var idleReaders: Int
        /// How many past revisions of each document are kept at the most; 0 for none.
        package var pastRevisions: Int
        /// Bytes on disk that are held back for deletes and deliveries when the disk is full; 0 for none.
        package var reserveBytes: Int

        package init(
            cacheBytes: Int = 48 << 20,
            batchLimit: Int = 256,
            checkpointPages: Int = 4_000,
            idleReaders: Int = 16,
            pastRevisions: Int = 10,
            reserveBytes: Int = 16 << 20
        ) {
            self.cacheBytes = cacheBytes
            self.batchLimit = batchLimit
            self.checkpointPages = checkpointPages
            self.idleReaders = idleReaders
            self.pastRevisions = pastRevisions
            self.reserveBytes = reserveBytes
        }
    }
}
