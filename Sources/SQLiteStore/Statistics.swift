//  What the embedded engine has done since it was opened.

extension SQLiteStore {
    package struct Statistics: Equatable, Sendable {
        /// Transactions that reached the disk, one sync each.
        package var syncs = 0
        /// Units of work that those transactions made true.
        package var commits = 0
        /// Units of work that were refused and rolled back alone.
        package var refusals = 0
        /// Units of work that wait for the writer now.
        package var waiting = 0
        /// Times that the log was written back into the database.
        package var checkpoints = 0
        /// Reads answered from memory.
        package var cacheHits = 0
        /// Reads that went to the database.
        package var cacheMisses = 0
        /// Bytes of documents in memory.
        package var cachedBytes = 0
        /// Whether the disk is so full that what needs space is refused.
        package var isShortOfSpace = false
        /// Whether a failed sync has made the store read-only.
        package var isReadOnly = false
    }
}
