//  Room that is set aside for files on their way, so that uploads at one time count for each other.

import Dispatch
import DocumentStore
import Gateway
import Synchronization

/// What the files on their way into each account have set aside.
///
/// An upload sets bytes aside before it sends them, and gives them back when the store counts the file, or when there
/// will be none. What is stored is read without a lock, so a file that is being entered meanwhile may be counted twice,
/// never left out: what is granted fits, and a refusal that may rest on such a file is looked at again when it is in. One
/// that rests on what others have set aside and may not need is final: the client can send again.
final class FileRoom: Sendable {
    enum Answer: Equatable {
        case granted(Int)
        /// How many bytes are stored and set aside.
        case refused(Int)
    }

    private struct Account {
        var bytesAside = 0
        /// Files that the store is being told of, and how many there were ever.
        var entering = 0
        var entries = 0
        /// What was given back because it is stored, ever.
        var bytesEntered = 0
        /// Reserving that has begun and not ended.
        var readers = 0
        var waiting: [DispatchSemaphore] = []

        var isIdle: Bool { bytesAside == 0 && entering == 0 && readers == 0 && waiting.isEmpty }
    }

    /// Held for the dictionary only, never across I/O.
    private let accounts = Mutex<[Scope: Account]>([:])

    /// Sets bytes aside, as many as there is room for.
    ///
    /// - Parameters:
    ///   - count: how many are needed at least, and how many are wanted.
    ///   - quota: how many bytes the files of the account may have.
    ///   - stored: how many they have; asked again if files came meanwhile.
    func reserve(
        _ count: ClosedRange<Int>,
        in scope: Scope,
        quota: Int,
        stored: () throws(APIError) -> Int
    ) throws(APIError) -> Answer {
        while true {
            let before = change(scope) { account in
                account.readers += 1
                return account
            }
            let found = Result { () throws(APIError) in try stored() }
            let (answer, turn) = change(scope) { account -> (Answer?, DispatchSemaphore?) in
                account.readers -= 1
                guard case .success(let stored) = found else { return (nil, nil) }
                let used = stored + account.bytesAside + account.bytesEntered - before.bytesEntered
                let left = quota - used
                if left >= count.lowerBound {
                    let granted = min(left, count.upperBound)
                    account.bytesAside += granted
                    return (.granted(granted), nil)
                }
                if before.entering == 0, account.entries == before.entries { return (.refused(used), nil) }
                guard account.entering > 0 else { return (nil, nil) }
                let turn = DispatchSemaphore(value: 0)
                account.waiting.append(turn)
                return (nil, turn)
            }
            _ = try found.get()
            if let answer { return answer }
            turn?.wait()
        }
    }

    /// Gives bytes back of a file that there will not be.
    func release(_ bytes: Int, in scope: Scope) {
        change(scope) { account in account.bytesAside -= bytes }
    }

    /// Has the store told of a file, and gives its bytes back when it is, or could not be.
    func enter<Failure: Error>(
        _ bytes: Int,
        in scope: Scope,
        _ tell: () throws(Failure) -> Void
    ) throws(Failure) {
        change(scope) { account in
            account.entering += 1
            account.entries += 1
        }
        defer {
            let waiting = change(scope) { account in
                account.entering -= 1
                account.bytesAside -= bytes
                account.bytesEntered += bytes
                defer { account.waiting = [] }
                return account.waiting
            }
            for turn in waiting { turn.signal() }
        }
        try tell()
    }

    /// How many bytes are set aside in all accounts.
    var bytesAside: Int { accounts.withLock { $0.values.reduce(0) { $0 + $1.bytesAside } } }

    @discardableResult
    private func change<Value>(_ scope: Scope, _ body: (inout Account) -> Value) -> Value {
        accounts.withLock { accounts in
            var account = accounts[scope] ?? Account()
            defer { accounts[scope] = account.isIdle ? nil : account }
            return body(&account)
        }
    }
}
