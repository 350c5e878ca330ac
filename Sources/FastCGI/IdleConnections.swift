//  The connections that wait for their next request, and how many are being served.

import Synchronization

/// Who owns a connection's descriptor: the poller while it is in this table, else the one worker that took it out.
final class IdleConnections: Sendable {
    enum Age {
        /// Just accepted: its peer connected in order to send a request at once.
        case newcomer
        /// Kept alive after a response: a request may never come.
        case served
    }

    /// Held for the dictionary access only, never across I/O.
    private let waiting = Mutex<[Int32: Age]>([:])
    private let served = Atomic<Int>(0)

    /// Whether any worker is accepting or serving. Every change of hands happens between `begin` and `end`.
    var isBusy: Bool { served.load(ordering: .sequentiallyConsistent) > 0 }

    func begin() { served.add(1, ordering: .sequentiallyConsistent) }
    func end() { served.subtract(1, ordering: .sequentiallyConsistent) }

    func insert(_ connection: Int32, _ age: Age) {
        waiting.withLock { $0[connection] = age }
    }

    /// Takes a connection out, and says whether it was there: a drain may have closed it since its event.
    func take(_ connection: Int32) -> Bool {
        waiting.withLock { $0.removeValue(forKey: connection) != nil }
    }

    /// Takes out every connection, except newcomers unless they are asked for, if nothing is being served.
    ///
    /// - Returns: nil if a worker is busy.
    func takeAll(newcomers: Bool) -> [Int32]? {
        waiting.withLock { table in
            // Read under the lock: a worker that begins after this finds its connection gone.
            if isBusy { return nil }
            let taken = table.filter { newcomers || $0.value == .served }.map(\.key)
            for connection in taken { table[connection] = nil }
            return taken
        }
    }

    var isEmpty: Bool { waiting.withLock { $0.isEmpty } }
}
