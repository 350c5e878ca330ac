//  What the store refuses or cannot do, as a sentence for an operator.

import DocumentStore

extension Failure {
    /// - Parameter data: the data directory.
    init(_ error: StoreError, data: String) {
        switch error {
        case .locked(let process):
            self.init("The data directory \(data) is in use by process \(process); stop it first.")
        case .io(let operation, let reason): self.init("Could not \(operation): \(reason)")
        case .corrupt(let sentence): self.init(sentence)
        case .full: self.init("The disk is full.")
        default: self.init("The data directory \(data) cannot be used: \(error).")
        }
    }
}

/// Calls what may fail in the store.
func withStoreFailures<Value>(_ data: String, _ body: () throws(StoreError) -> Value) throws(Failure) -> Value {
    do {
        return try body()
    } catch {
        throw Failure(error, data: data)
    }
}
