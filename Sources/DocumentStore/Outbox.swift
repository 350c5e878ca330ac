//  Events on their way to the world: consumers read them in order, each from its own place.
//
//  A consumer is whoever delivers events somewhere: the relay to a broker, one webhook. One process at a time holds
//  a consumer, for as long as its lease lasts. What it has not acknowledged is given again, to itself or to who
//  takes over: an event arrives at least once, always in the order of commits, and by its sequence a receiver can
//  tell a repetition.

package protocol Outbox: Sendable {
    /// Returns the sequence of the last event, 0 if there was none.
    func lastSequence() throws(StoreError) -> Int64

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

    /// Makes a consumer, or moves one: its next event is the first after `sequence`. Its lease ends.
    func moveConsumer(_ consumer: String, after sequence: Int64) throws(StoreError)

    func removeConsumer(_ consumer: String) throws(StoreError)

    /// Returns the consumers by name, with the sequence up to which each has acknowledged.
    func consumers() throws(StoreError) -> [String: Int64]

    /// Removes events older than `time` (Unix seconds) that every consumer has acknowledged, at most `limit`, the
    /// oldest first; returns how many went.
    func purgeEvents(before time: Int64, limit: Int) throws(StoreError) -> Int
}
