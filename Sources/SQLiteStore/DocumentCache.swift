//  Documents in memory, by address, within a budget of bytes.

import DocumentStore
import Synchronization

/// Serves documents that are on disk, and never one that an acknowledged commit has replaced.
///
/// A commit withdraws the documents that it is about to replace, waits for the disk, and publishes the new ones. So
/// a reader gets the old state or the new one from the database while the commit is on its way, and once it has seen
/// the new one never the old one again.
///
/// When the budget is spent, documents that were not read since the last round leave first (second chance).
final class DocumentCache: Sendable {
    private struct Slot {
        var document: StoredDocument
        var cost: Int
        var wasRead = false
    }

    private struct State {
        var positions: [DocumentAddress: Int] = [:]
        var slots: [Slot] = []
        var hand = 0
        var cost = 0
        var withdrawn: Set<DocumentAddress> = []
        var epoch = 0
        var hits = 0
        var misses = 0
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

    /// - Parameter budget: bytes of documents to keep at the most.
    init(budget: Int) { self.budget = budget }

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
            state.slots[position].wasRead = true
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
                remove(address, from: &state)
            }
        }
    }

    /// Ends what `withdraw` began, with the documents that are on disk now.
    func publish(_ documents: some Sequence<StoredDocument>) {
        state.withLock { state in
            state.epoch += 1
            state.withdrawn.removeAll(keepingCapacity: true)
            for document in documents {
                let address = document.address
                remove(address, from: &state)
                insert(document, at: address, into: &state)
            }
        }
    }

    private func insert(_ document: StoredDocument, at address: DocumentAddress, into state: inout State) {
        let cost = document.body.count + document.privateBody.count + 512
        // One large document must not push out a hundred small ones.
        guard cost <= budget / 16 else { return }
        while state.cost + cost > budget { evict(from: &state) }
        state.positions[address] = state.slots.count
        state.slots.append(Slot(document: document, cost: cost))
        state.cost += cost
    }

    private func evict(from state: inout State) {
        if state.hand >= state.slots.count { state.hand = 0 }
        if state.slots[state.hand].wasRead {
            state.slots[state.hand].wasRead = false
            state.hand += 1
        } else {
            remove(state.slots[state.hand].document.address, from: &state)
        }
    }

    private func remove(_ address: DocumentAddress, from state: inout State) {
        guard let position = state.positions.removeValue(forKey: address) else { return }
        state.cost -= state.slots[position].cost
        let last = state.slots.removeLast()
        guard position < state.slots.count else { return }
        state.slots[position] = last
        state.positions[last.document.address] = position
    }
}
