//  What it costs to know who asks: a token seen first, a token seen before, a password.
//
//  Prints the median of the rounds, in microseconds of the thread's own time. Numbers of one run on one machine compare
//  with each other only.

import Glibc
import Identity

/// The median over rounds of what one call of `body` takes, in microseconds.
func microseconds(_ rounds: Int, calls: Int, _ body: (Int) throws -> Void) rethrows -> Double {
    var times: [Double] = []
    for round in 0..<rounds {
        let began = processorTime()
        for call in 0..<calls { try body(round * calls + call) }
        times.append((processorTime() - began) / Double(calls))
    }
    return times.sorted()[rounds / 2]
}

/// Of this thread, in microseconds.
func processorTime() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return Double(time.tv_sec) * 1e6 + Double(time.tv_nsec) / 1e3
}

let now: Int64 = 1_800_000_000
let terms = TokenTerms(issuer: "bench", audience: "jackfield")
let keys = TokenKeys()
let signer = TokenSigner(keys: keys, terms: terms)
let account = String(repeating: "a", count: 32)
let (rounds, calls) = (11, 400)

let tokens = try (0..<rounds * calls).map { _ in
    let claims = Claims(
        accountID: account,
        userID: String(repeating: "b", count: 32),
        method: .user,
        epochs: Epochs(system: 0, account: 1, user: 1),
        issued: now,
        lifetime: 3_600
    )
    return Array(try signer.token(claims).utf8)
}

let verifier = TokenVerifier(keys: keys, terms: terms)
let first = try microseconds(rounds, calls: calls) { _ = try verifier.verify(tokens[$0], now: now) }
let cached = try microseconds(rounds, calls: calls * 10) { _ in _ = try verifier.verify(tokens[0], now: now) }
let gated = microseconds(rounds, calls: calls) { number in
    // The header is the first thing that is looked at.
    _ = try? verifier.verify(Array("eyJhbGciOiJub25lIn0.\(number).".utf8), now: now)
}

guard let pepper = Pepper([UInt8](repeating: 7, count: 32)) else { fatalError("a pepper has 32 bytes") }
let hasher = CredentialHasher(pepper: pepper)
let password = LoginProof.password("correct horse", username: "ada")
let derived = try microseconds(5, calls: 1) { _ in _ = try hasher.derive(password, salt: AccountSalt()) }

print("| | µs | at most |\n| --- | ---: | ---: |")
for (name, cost, goal) in [
    ("a token seen first", first, "150"), ("a token seen before", cached, "2"), ("no token of ours", gated, ""),
    ("one login's derivation", derived, ""),
] {
    print("| \(name) | \((cost * 100).rounded() / 100) | \(goal) |")
}
