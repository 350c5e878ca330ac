//  Limits on guessing.

import Testing

@testable import Identity

@Suite struct LoginThrottleTests {
    let throttle = LoginThrottle()
    let settings = ThrottleSettings()

    /// Fails until it is refused; returns how often it could, and what it was told.
    private func guess(
        _ count: Int,
        of throttle: LoginThrottle? = nil,
        _ make: (Int) -> LoginAttempt
    ) -> (failures: Int, wait: Int?) {
        for number in 0..<count {
            let attempt = make(number)
            do {
                try (throttle ?? self.throttle).admit(attempt)
                (throttle ?? self.throttle).failed(attempt)
            } catch {
                guard case .throttled(let wait) = error else { return (number, nil) }
                return (number, wait)
            }
        }
        return (count, nil)
    }

    @Test func aRightLoginCostsNothing() throws {
        for _ in 0..<10_000 {
            let attempt = attempt(username: "bob")
            try throttle.admit(attempt)
            throttle.succeeded(attempt)
        }
    }

    @Test func whatNamesNoAccountIsLimitedByItsSourceAlone() throws {
        let throttle = LoginThrottle()
        func attempt(_ source: String) -> LoginAttempt {
            LoginAttempt(source: ClientSource(source), account: nil, time: 1_000)
        }
        var admitted = 0
        for _ in 0..<1_000 where (try? throttle.admit(attempt("198.51.100.9"))) != nil { admitted += 1 }
        #expect(admitted == Int(ThrottleSettings().source.burst))
        try throttle.admit(attempt("203.0.113.7"))
    }

    @Test func oneSourceFailsSoOftenOnly() {
        let outcome = guess(1_000) { attempt(in: "account \($0)") }
        #expect(outcome.failures == 300)
        #expect(outcome.wait == 1)
        #expect(guess(1) { _ in attempt(in: "new", from: ClientSource("192.0.2.2")) }.wait == nil)
        // Five more with every second.
        #expect(guess(100) { attempt(in: "later \($0)", at: now + 5) }.failures == 25)
    }

    @Test func oneAccountFailsSoOftenWhoeverTries() {
        let outcome = guess(1_000) { attempt(from: ClientSource("198.51.100.\($0 % 250)")) }
        #expect(outcome.failures == 30)
        #expect(outcome.wait == 6)
    }

    @Test func aStrangerLocksNobodyOut() throws {
        let office = ClientSource("203.0.113.7")
        let mine = attempt(username: "bob", from: office)
        try throttle.admit(mine)
        throttle.succeeded(mine)
        for name in ["bob", "rob"] {
            let outcome = guess(1_000) { attempt(username: name, from: ClientSource("198.51.100.\($0 % 250)")) }
            #expect(outcome.wait != nil)
        }
        // From elsewhere the account waits; from where it is known it does not.
        let elsewhere = attempt(username: "bob", from: ClientSource("198.51.100.251"))
        #expect(throws: IdentityError.self) { try throttle.admit(elsewhere) }
        try throttle.admit(mine)
        throttle.succeeded(mine)
    }

    @Test func aKnownSourceHasItsLimitsToo() throws {
        let mine = attempt()
        try throttle.admit(mine)
        throttle.succeeded(mine)
        #expect(guess(1_000) { _ in attempt() }.failures == 300)
    }

    @Test func oneNameWaitsLongerAndLonger() {
        var waits: [Int] = []
        var time = now
        // Slowly, so that no other limit counts, and the first ones for free.
        for _ in 0..<49 {
            time += 60
            _ = guess(1) { _ in attempt(username: "bob", at: time) }
        }
        for _ in 0..<14 {
            time += 3_600
            #expect(guess(1) { _ in attempt(username: "bob", at: time) }.failures == 1)
            waits.append(guess(1) { _ in attempt(username: "bob", at: time) }.wait ?? 0)
        }
        #expect(waits == [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900, 900])
        #expect(guess(1) { _ in attempt(username: "rob", at: time) }.wait == nil)
    }

    @Test func whatIsNeitherRightNorWrongCostsNothing() throws {
        for _ in 0..<1_000 {
            try throttle.admit(attempt())
            throttle.giveBack(attempt())
        }
    }

    @Test func codesAreFewAQuarterOfAnHour() throws {
        for _ in 0..<5 { try throttle.admitCode(account: accountID, user: userID, now: now) }
        #expect(throws: IdentityError.throttled(retryAfter: 180)) {
            try throttle.admitCode(account: accountID, user: userID, now: now)
        }
        try throttle.admitCode(account: accountID, user: userID, now: now + 180)
        throttle.codeSucceeded(account: accountID, user: userID)
        for _ in 0..<5 { try throttle.admitCode(account: accountID, user: userID, now: now + 180) }
    }

    @Test func memoryIsBounded() {
        var settings = ThrottleSettings()
        settings.memory = 100
        let small = LoginThrottle(settings: settings)
        for number in 0..<10_000 {
            let source = ClientSource("10.\(number / 65_536).\(number / 256 % 256).\(number % 256)")
            _ = guess(1, of: small) { _ in attempt(in: "account \(number)", username: "user \(number)", from: source) }
            _ = try? small.admitCode(account: "account \(number)", user: "x", now: now)
        }
        #expect(small.count <= 5 * 100)
    }

    @Test func historyOutlivesTheProcess() throws {
        struct Office: SourceHistory {
            func hasLoggedIn(account: String, source: ClientSource, since: Int64) -> Bool {
                source == ClientSource("203.0.113.7") && since == now - 2_592_000
            }
        }
        let throttle = LoginThrottle(history: Office())
        _ = guess(1_000, of: throttle) { attempt(from: ClientSource("198.51.100.\($0 % 250)")) }
        #expect(throws: IdentityError.self) { try throttle.admit(attempt()) }
        try throttle.admit(attempt(from: ClientSource("203.0.113.7")))
    }

    @Test(arguments: [
        ("192.0.2.1", "192.0.2.1"), ("::ffff:192.0.2.1", "192.0.2.1"), ("2001:db8:1:2:3:4:5:6", "20010db800010002/64"),
        ("2001:db8:1:2::", "20010db800010002/64"), ("nonsense", "unknown"), ("", "unknown"), ("1.2.3", "unknown"),
    ])
    func oneClientIsOneSource(address: String, source: String) {
        #expect(ClientSource(address).text == source)
        #expect(ClientSource(nil).text == "unknown")
    }
}
