//  What the store's refusals mean to a client.

import DocumentStore
import Gateway
import JSON

extension DocumentStore {
    /// Reads, in the language of the gateway's errors.
    func read<Value>(
        _ body: (any DocumentStore) throws(StoreError) -> Value
    ) throws(APIError) -> Value {
        do {
            return try body(self)
        } catch {
            throw APIError(error)
        }
    }
}

extension APIError {
    init(_ error: StoreError) {
        switch error {
        case .conflict, .notUnique, .occupied, .changed: self = .conflict
        case .missing(let address): self = .badIdentifier(address.id.text)
        case .referenced(_, let reference):
            self = .invalid(
                "id",
                rule: "referenced",
                "The \(reference.sourceType) \(reference.source) names it in \(reference.field)",
                ["cause": .string(reference.source.text)]
            )
        case .full: self = .diskFull
        case .readOnly, .locked: self = .storeUnavailable
        case .io(let operation, let reason): self = .internalFault("\(operation): \(reason)")
        case .corrupt(let what): self = .internalFault(what)
        }
    }
}
