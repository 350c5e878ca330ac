//  What was read from documents, kept as long as it is true.

import DocumentStore
import Identity
import Synchronization

/// A state that is read from a document.
protocol DocumentState: Sendable {
    /// Nil for a document that is damaged.
    init?(_ document: Document)
}

/// States by address. Every request asks for the same few, so each thread has a dictionary of its own.
final class StateCache<State: DocumentState>: Sendable {
    private struct Entry {
        let revision: Revision
        /// The version of the store at which the revision was the last one; nil if the store counts none.
        let version: Int?
        let state: State
    }

    private final class Stripe: Sendable {
        /// Held for the dictionary access only, never across I/O.
        let entries = Mutex<[DocumentAddress: Entry]>([:])
    }

    /// How many states a stripe keeps; when it is full it begins again.
    private static var limit: Int { 2_000 }

    private let stripes = ThreadStripes { Stripe() }

    /// Returns the state of a document; nil if it does not exist, is deleted, or is of another kind.
    ///
    /// - Throws: `.corrupt` if it is damaged.
    func value(_ address: DocumentAddress, type: String, _ store: any DocumentStore) throws(StoreError) -> State? {
        let stripe = stripes.own
        // Read before the document: what changes meanwhile makes the number older than it need be, never newer.
        let version = store.version
        let known = stripe.entries.withLock { $0[address] }
        if let known, let version, known.version == version { return known.state }
        guard let stored = try store.document(address.id, in: address.scope), !stored.isDeleted, stored.type == type
        else { return nil }
        var state = known?.revision == stored.revision ? known?.state : nil
        if state == nil, let document = try? Document(stored) { state = State(document) }
        guard let state else { throw .corrupt("\(type) \(address.id)") }
        let entry = Entry(revision: stored.revision, version: version, state: state)
        stripe.entries.withLock { entries in
            if entries.count >= Self.limit { entries.removeAll() }
            entries[address] = entry
        }
        return state
    }
}
