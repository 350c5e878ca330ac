//  One consumer of the relay: connects, works, and begins again when either side has failed.

import DocumentStore
import Glibc

/// What a consumer of the relay is given.
package struct ConsumerContext: Sendable {
    /// The consumer's name in the outbox.
    package let name: String
    /// The path of the events socket.
    package let socket: String
    /// The name of this process among the holders of consumers.
    package let holder: String
    package let stop: Stop
    /// Takes a sentence for the log.
    package let log: @Sendable (String) -> Void

    package init(
        name: String,
        socket: String,
        holder: String = DocumentID.random().text,
        stop: Stop,
        log: @escaping @Sendable (String) -> Void
    ) {
        self.name = name
        self.socket = socket
        self.holder = holder
        self.stop = stop
        self.log = log
    }

    /// Calls `work` with a connection to the application, again and again, until `stop`. After a failure it waits, longer
    /// each time, until `work` says by `isWell` that all is well again.
    func again(_ work: (_ client: EventClient, _ isWell: () -> Void) throws -> Void) {
        var backoff = Backoff()
        var isFailing = false
        while !stop.isRaised {
            do {
                let client = try EventClient(socket, stop: stop)
                do {
                    try work(client) {
                        if isFailing { log("\(name): all is well again") }
                        isFailing = false
                        backoff.reset()
                    }
                } catch let error where !(error is EventClientError) {
                    // It is the other side that failed: the application can be told.
                    try? client.report(failure: "\(error)", of: name)
                    throw error
                }
            } catch EventClientError.stopped {
                return
            } catch {
                if !isFailing { log("\(name): \(error); trying again") }
                isFailing = true
                stop.wait(milliseconds: backoff.delay())
            }
        }
    }

    /// Reads the consumer's next events.
    func read(_ client: EventClient, after: Int64? = nil, limit: Int, seconds: Int) throws -> EventClient.Batch {
        try client.read(name, by: holder, after: after, limit: limit, seconds: seconds)
    }

    func acknowledge(_ sequence: Int64, _ client: EventClient) throws {
        try client.acknowledge(sequence, of: name, by: holder)
    }
}
