//  What the relay says to the application over the events socket, and what it hears.
//
//  A command is one line of words; an answer is one line, a JSON object. Commands are answered in their order.
//
//    read CONSUMER HOLDER AFTER LIMIT SECONDS
//        {"events": […], "ancestors": {ACCOUNT: [ACCOUNT, …]}}
//        The events behind AFTER, or behind the last that CONSUMER has acknowledged if AFTER is `-`, the oldest first,
//        at most LIMIT. If there are none, the answer waits for one, at most SECONDS. HOLDER, a word that no other
//        process uses, is the consumer's holder from now on; {"error": "held"} if another process is.
//        `ancestors` has the accounts above each account of the events, the root first.
//    ack CONSUMER HOLDER SEQUENCE
//        {} when it is on disk that all events up to SEQUENCE have been delivered; {"error": "held"}.
//    tail AFTER LIMIT SECONDS
//        As `read`, for somebody who only looks: no consumer, nothing to acknowledge. AFTER may be `last`.
//    hooks
//        {"hooks": […]}: the webhooks that are on; see Hook.
//    attempts JSON
//        {} when the attempts in the array, and hooks that are to be disabled, are on disk; see Attempt.
//    failed CONSUMER REASON
//        {}; counts a failure of a consumer, for metrics.
//    forget CONSUMER
//        {} when the consumer is no more: events are not kept for it any longer.
//    replay CONSUMER AFTER
//        {} when the consumer's next event is the first behind AFTER; whoever holds it is cut off, and begins there. What is
//        not kept any more does not come again.
//    status
//        {"last": SEQUENCE, "consumers": {CONSUMER: {"acknowledged": …, "lag": …, "failures": …, "reason": …}}}
//
//  A command that cannot be understood, or fails, is answered {"error": REASON}.

import DocumentStore
import JSON

enum EventCommand: Equatable {
    case read(consumer: String, holder: String, after: Int64?, limit: Int, seconds: Int)
    case acknowledge(consumer: String, holder: String, sequence: Int64)
    /// From the last event on if `after` is nil.
    case tail(after: Int64?, limit: Int, seconds: Int)
    case hooks
    case attempts(JSON)
    case failed(consumer: String, reason: String)
    case forget(consumer: String)
    case replay(consumer: String, after: Int64)
    case status

    /// The longest line in bytes.
    static let lineLimit = 4 << 20
    private static let eventLimit = 5_000
    private static let longestWait = 60

    /// Reads a line; nil if it is no command.
    init?(_ line: String) {
        let words: [Substring] = line.split(separator: " ", maxSplits: 1)
        let rest = words.dropFirst().first ?? ""
        let arguments = rest.split(separator: " ").map(String.init)
        switch (words.first ?? "", arguments.count) {
        case ("read", 5):
            guard let consumer = Self.name(arguments[0]), let holder = Self.name(arguments[1]),
                let limit = Int(arguments[3]), let seconds = Int(arguments[4])
            else { return nil }
            let after = Int64(arguments[2])
            guard after != nil || arguments[2] == "-" else { return nil }
            self = .read(
                consumer: consumer,
                holder: holder,
                after: after,
                limit: Self.limit(limit),
                seconds: Self.seconds(seconds)
            )
        case ("ack", 3):
            guard let consumer = Self.name(arguments[0]), let holder = Self.name(arguments[1]),
                let sequence = Int64(arguments[2])
            else { return nil }
            self = .acknowledge(consumer: consumer, holder: holder, sequence: sequence)
        case ("tail", 3):
            guard let limit = Int(arguments[1]), let seconds = Int(arguments[2]) else { return nil }
            let after = Int64(arguments[0])
            guard after != nil || arguments[0] == "last" else { return nil }
            self = .tail(after: after, limit: Self.limit(limit), seconds: Self.seconds(seconds))
        case ("hooks", 0): self = .hooks
        case ("status", 0): self = .status
        case ("attempts", _):
            guard let attempts = try? JSON(parsing: String(rest)) else { return nil }
            self = .attempts(attempts)
        case ("failed", 1...):
            guard let consumer = Self.name(arguments[0]) else { return nil }
            self = .failed(consumer: consumer, reason: arguments.dropFirst().joined(separator: " "))
        case ("forget", 1):
            guard let consumer = Self.name(arguments[0]) else { return nil }
            self = .forget(consumer: consumer)
        case ("replay", 2):
            guard let consumer = Self.name(arguments[0]), let after = Int64(arguments[1]), after >= 0 else {
                return nil
            }
            self = .replay(consumer: consumer, after: after)
        default: return nil
        }
    }

    /// The command as a line, without its end.
    var line: String {
        switch self {
        case .read(let consumer, let holder, let after, let limit, let seconds):
            "read \(consumer) \(holder) \(after.map(String.init) ?? "-") \(limit) \(seconds)"
        case .acknowledge(let consumer, let holder, let sequence): "ack \(consumer) \(holder) \(sequence)"
        case .tail(let after, let limit, let seconds):
            "tail \(after.map(String.init) ?? "last") \(limit) \(seconds)"
        case .hooks: "hooks"
        case .attempts(let attempts): "attempts \(attempts.text())"
        case .failed(let consumer, let reason):
            "failed \(consumer) \(String(reason.map { $0.isNewline ? " " : $0 }))"
        case .forget(let consumer): "forget \(consumer)"
        case .replay(let consumer, let after): "replay \(consumer) \(after)"
        case .status: "status"
        }
    }

    /// A consumer's or holder's name: 1 to 64 letters, digits, `_` and `-`.
    private static func name(_ word: String) -> String? {
        let isName =
            (1...64).contains(word.utf8.count)
            && word.utf8.allSatisfy { byte in
                byte == UInt8(ascii: "_") || byte == UInt8(ascii: "-")
                    || Character(UnicodeScalar(byte)).isASCII
                        && (Character(UnicodeScalar(byte)).isLetter || Character(UnicodeScalar(byte)).isNumber)
            }
        return isName && word != "-" ? word : nil
    }

    private static func limit(_ number: Int) -> Int { min(max(number, 1), eventLimit) }
    private static func seconds(_ number: Int) -> Int { min(max(number, 0), longestWait) }
}
