//  What has been told to the world, as one account may read it again.

import DocumentStore
import Gateway
import JSON

/// The events of accounts, for programs that keep a copy of what they read.
package struct ChangeLog: Sendable {
    let store: any DocumentStore & Outbox

    /// One page of events.
    package struct Page: Sendable {
        /// As JSON objects, the oldest first.
        package let events: [JSON]
        /// Behind which sequence the next page begins; nil on the last page.
        package let next: Int64?
    }

    /// Returns the events of an account behind a sequence, at most `limit`.
    ///
    /// - Throws: `.validation` if events behind it are not kept any more: whoever relied on reading them all has to read
    ///   the documents anew.
    package func page(after sequence: Int64, limit: Int, in account: String) throws(APIError) -> Page {
        let scope = Scope.account(DocumentID(account))
        let found = try store.read { _ throws(StoreError) in
            try store.events(after: sequence, limit: limit + 1, in: scope)
        }
        let oldest = try store.read { _ throws(StoreError) in try oldestSequence() }
        if sequence > 0, sequence + 1 < oldest {
            throw .invalid(
                "since",
                rule: "gone",
                "Older events are not kept; read the documents anew, and changes since \(oldest - 1)",
                ["target": .number(JSONNumber(Int(oldest - 1)))]
            )
        }
        let events = found.prefix(limit)
        return Page(
            events: events.map { .object($0.json) },
            next: found.count > limit ? events.last?.sequence : nil
        )
    }

    /// Returns the last events of an account, the newest first.
    package func latest(limit: Int, in account: String) throws(APIError) -> [Event] {
        let scope = Scope.account(DocumentID(account))
        let found = try store.read { _ throws(StoreError) in try store.latestEvents(limit: limit, in: scope) }
        return found.map(\.event)
    }

    /// The sequence of the first event that is kept, or will be.
    private func oldestSequence() throws(StoreError) -> Int64 {
        if let first = try store.events(after: 0, limit: 1).first { return first.sequence }
        return try store.lastSequence() + 1
    }
}
