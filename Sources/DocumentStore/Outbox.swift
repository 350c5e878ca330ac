//  Events on their way to the world: consumers read them in order, each from its own place.
//
//  A consumer is whoever delivers events somewhere: the relay to a broker, one webhook. One process at a time holds
//  a consumer, for as long as its lease lasts. What it has not acknowledged is given again, to itself or to who
//  takes over: an event arrives at least once, always in the order of commits, and by its sequence a receiver can
//  tell a repetition.

package protocol Outbox: Sendable {
    /// Returns the sequence of the last event, 0 if there was none.
    func lastSequence() throws(StoreError) -> Int64

    /// Returns events of one scope with a sequence greater than `sequence`, oldest first.
    ///
    /// Cost: one index range of `limit` events, however many other scopes have.
    func events(after sequence: Int64, limit: Int, in scope: Scope) throws(StoreError) -> [RecordedEvent]

    /// Returns the last events of one scope, the newest first.
    ///
    /// Cost: one index range of `limit` events.
    func latestEvents(limit: Int, in scope: Scope) throws(StoreError) -> [RecordedEvent]

    /// Calls `body` after each commit that told events, on the thread that committed: it must return at once.
    ///
    /// For those who wait for events. It is a hint: an engine that cannot know what other processes commit calls it for
    /// its own commits only, so whoever waits looks again from time to time.
    func whenEventsCome(_ body: @escaping @Sendable () -> Void)

    /// Returns the oldest events that a consumer has not acknowledged, and makes `holder` its holder.
    ///
    /// A consumer that does not exist begins with the oldest event that is kept.
    ///
    /// - Parameters:
    ///   - holder: who asks; any text that no other process uses.
    ///   - now: Unix seconds.
    ///   - lease: how many seconds nobody else gets events of this consumer; asking again renews it once half of it
    ///     is over.
    /// - Returns: at most `limit` events, oldest first; nil if someone else holds the consumer.
    func claimEvents(
        for consumer: String,
        by holder: String,
        now: Int64,
        lease: Int64,
        limit: Int
    ) throws(StoreError) -> [RecordedEvent]?

    /// Notes that all events up to `sequence` have been delivered.
    ///
    /// - Returns: false if someone else has become the holder meanwhile; nothing is noted then.
    func acknowledgeEvents(
        through sequence: Int64,
        for consumer: String,
        by holder: String
    ) throws(StoreError) -> Bool

    /// Ends the lease of a holder that needs no more events, so that the next one need not wait; what it has not
    /// acknowledged is the next one's.
    func releaseConsumer(_ consumer: String, by holder: String) throws(StoreError)

    /// Makes a consumer, or moves one: its next event is the first after `sequence`. Its lease ends.
    func moveConsumer(_ consumer: String, after sequence: Int64) throws(StoreError)

    func removeConsumer(_ consumer: String) throws(StoreError)

    /// Returns the consumers by name, with the sequence up to which each has acknowledged.
    func consumers() throws(StoreError) -> [String: Int64]

    /// Removes events older than `time` (Unix seconds) that every consumer has acknowledged, at most `limit`, the
    /// oldest first; returns how many went.
    func purgeEvents(before time: Int64, limit: Int) throws(StoreError) -> Int
}

/// How far the outbox has been delivered: for metrics.
package struct OutboxStatus: Equatable, Sendable {
    package struct Consumer: Equatable, Sendable {
        package var name: String
        /// The sequence up to which it has acknowledged.
        package var acknowledged: Int64
        /// How many events, of all accounts, it has not acknowledged yet.
        package var lag: Int64
    }

    /// The sequence of the last event.
    package var last: Int64
    /// By name.
    package var consumers: [Consumer]
}

extension Outbox {
    /// Cost: two small reads.
    package func status() throws(StoreError) -> OutboxStatus {
        let consumers = try consumers()
        // Read last, so that no lag is negative.
        let last = try lastSequence()
        return OutboxStatus(
            last: last,
            consumers: consumers.sorted { $0.key < $1.key }.map { name, acknowledged in
                OutboxStatus.Consumer(name: name, acknowledged: acknowledged, lag: max(0, last - acknowledged))
            }
        )
    }
}
