//  Documents in memory, by address, within a budget of bytes.

import DocumentStore
import Synchronization

/// Serves documents that are on disk, and never one that an acknowledged commit has replaced.
///
/// A commit withdraws the documents that it is about to replace, waits for the disk, and publishes the new ones. So
/// a reader gets the old state or the new one from the database while the commit is on its way, and once it has seen
/// the new one never the old one again.
///
/// When the budget is spent, the document that nobody has read for the longest time leaves first.
final class DocumentCache: Sendable {
    /// A document between the one that was used after it and the one that was used before it.
    private struct Slot {
        var document: StoredDocument
        var cost: Int
        var newer: Int?
        var older: Int?
    }

    private struct State {
        var positions: [DocumentAddress: Int] = [:]
        var slots: [Slot] = []
        /// Slots that hold nothing of use.
        var vacant: [Int] = []
        var newest: Int?
        var oldest: Int?
        var cost = 0
        var withdrawn: Set<DocumentAddress> = []
        var epoch = 0
        var hits = 0
        var misses = 0

        mutating func link(_ position: Int) {
            slots[position].newer = nil
            slots[position].older = newest
            if let newest { slots[newest].newer = position } else { oldest = position }
            newest = position
        }

        mutating func unlink(_ position: Int) {
            let (newer, older) = (slots[position].newer, slots[position].older)
            if let newer { slots[newer].older = older } else { newest = older }
            if let older { slots[older].newer = newer } else { oldest = newer }
        }

        mutating func insert(_ slot: Slot, at address: DocumentAddress) {
            let position: Int
            if let vacancy = vacant.popLast() {
                position = vacancy
                slots[position] = slot
            } else {
                position = slots.count
                slots.append(slot)
            }
            positions[address] = position
            cost += slot.cost
            link(position)
        }

        mutating func remove(_ address: DocumentAddress) {
            guard let position = positions.removeValue(forKey: address) else { return }
            unlink(position)
            cost -= slots[position].cost
            // The bytes go at once, the slot waits for the next document.
            slots[position].document.body = []
            slots[position].document.privateBody = []
            vacant.append(position)
        }
    }

    /// What looking for a document gives.
    enum Lookup {
        case found(StoredDocument)
        /// It is not in memory; what the database says may be offered with this epoch.
        case missing(epoch: Int)
    }

    private let budget: Int
    /// Held for memory only, never across I/O.
    private let state = Mutex(State())

    /// How often documents were published, and so how often what was read may have changed.
    private let changes = Atomic(0)

    /// - Parameter budget: bytes of documents to keep at the most.
    init(budget: Int) { self.budget = budget }

    var version: Int { changes.load(ordering: .acquiring) }

    var hits: Int { state.withLock { $0.hits } }
    var misses: Int { state.withLock { $0.misses } }
    var bytes: Int { state.withLock { $0.cost } }

    func lookUp(_ address: DocumentAddress) -> Lookup {
        state.withLock { state in
            guard let position = state.positions[address] else {
                state.misses += 1
                return .missing(epoch: state.epoch)
            }
            state.hits += 1
            if state.newest != position {
                state.unlink(position)
                state.link(position)
            }
            return .found(state.slots[position].document)
        }
    }

    /// Keeps a document that was read from the database, unless a commit has come between.
    func offer(_ document: StoredDocument, epoch: Int) {
        let address = document.address
        state.withLock { state in
            guard state.epoch == epoch, !state.withdrawn.contains(address), state.positions[address] == nil else {
                return
            }
            insert(document, at: address, into: &state)
        }
    }

    /// Forgets documents before the commit that replaces them.
    func withdraw(_ addresses: some Sequence<DocumentAddress>) {
        state.withLock { state in
            for address in addresses {
                state.withdrawn.insert(address)
                state.remove(address)
            }
        }
    }

    /// Ends what `withdraw` began, with what is on disk now, the last state of a document last; nil is one that is
    /// gone.
    func publish(_ states: [(address: DocumentAddress, document: StoredDocument?)]) {
        state.withLock { state in
            state.epoch += 1
            state.withdrawn.removeAll(keepingCapacity: true)
            for (address, document) in states {
                state.remove(address)
                if let document { insert(document, at: address, into: &state) }
            }
        }
        changes.add(1, ordering: .sequentiallyConsistent)
    }

    private func insert(_ document: StoredDocument, at address: DocumentAddress, into state: inout State) {
        // Beside the bytes: their arrays, id, scope and revision as texts, the slot and its place in the dictionary.
        let cost = document.body.capacity + document.privateBody.capacity + 800
        // One large document must not push out a hundred small ones.
        guard cost <= budget / 16 else { return }
        while state.cost + cost > budget, let oldest = state.oldest {
            state.remove(state.slots[oldest].document.address)
        }
        state.insert(Slot(document: document, cost: cost), at: address)
    }
}
