//  How often somebody may guess. Source: NIST SP 800-63B §5.2.2; OWASP ASVS 5, 6.3.1.

import Synchronization

/// The limits on guessing. A right login costs nothing; only what fails counts.
package struct ThrottleSettings: Sendable {
    /// Failures of one source, whatever it tries. 300 at once, then five a second.
    package var source = Rate(burst: 300, perSecond: 5)
    /// Failures in one account, of all sources that never logged in there. 30 at once, then 10 a minute.
    package var account = Rate(burst: 30, perSecond: 10.0 / 60)
    /// Failures in one account of one source that did log in there: a share of its own, which no stranger uses up. 300 at once,
    /// then one a second.
    package var knownSource = Rate(burst: 300, perSecond: 1)
    /// Wrong codes of one user's second factor. 5 at once, then 5 in a quarter of an hour.
    package var code = Rate(burst: 5, perSecond: 5.0 / 900)
    /// How often one user's name may fail before each further try has to wait: 1 to 100.
    package var freeFailures = 50
    /// The longest wait of one user's name, in seconds; the first is one second, and each doubles the one before.
    package var longestDelay: Int64 = 900
    /// How long a source that logged in is known for it, in seconds: 30 days.
    package var knownFor: Int64 = 2_592_000
    /// How many sources, accounts and names are remembered of each kind, at some 200 bytes each: 100 to 1,000,000.
    package var memory = 20_000

    package init() {}
}

/// Who tries to log in, and from where.
package struct LoginAttempt: Sendable {
    package var source: ClientSource
    /// The account's id, or what the client called it; nil for a secret that names its account itself and that nobody
    /// can guess: only its source is limited, so that nobody uses up what others have.
    package var account: String?
    /// Nil where the proof does not say it.
    package var username: String?
    /// Unix seconds.
    package var time: Int64

    package init(source: ClientSource, account: String?, username: String? = nil, time: Int64) {
        self.source = source
        self.account = account
        self.username = username
        self.time = time
    }
}

/// Remembers, beyond the process's life, from where people logged in.
package protocol SourceHistory: Sendable {
    /// Whether anybody logged in to an account from a source since a time, in Unix seconds.
    func hasLoggedIn(account: String, source: ClientSource, since: Int64) -> Bool
}

/// Counts failures of sources, accounts and names, in bounded memory, and refuses what comes too often before it costs
/// a derivation.
///
/// A source from which somebody logged in to an account has limits of its own there, so a stranger who uses an account's
/// limits up keeps nobody out who works there.
package final class LoginThrottle: Sendable {
    private struct State {
        var sources: BoundedTable<ClientSource, TokenBucket>
        var accounts: BoundedTable<SecretDigest, TokenBucket>
        var names: BoundedTable<SecretDigest, Delay>
        var codes: BoundedTable<SecretDigest, TokenBucket>
        /// The last login of a source in an account, in Unix seconds; 0 if history knows of none.
        var known: BoundedTable<SecretDigest, (login: Int64, asked: Int64)>
    }

    private struct Delay {
        var failures = 0
        var until: Int64 = 0
    }

    private let settings: ThrottleSettings
    private let history: any SourceHistory
    /// Held for the tables' access only.
    private let state: Mutex<State>

    package init(settings: ThrottleSettings = ThrottleSettings(), history: any SourceHistory = NoHistory()) {
        self.settings = settings
        self.history = history
        state = Mutex(
            State(
                sources: BoundedTable(limit: settings.memory),
                accounts: BoundedTable(limit: settings.memory),
                names: BoundedTable(limit: settings.memory),
                codes: BoundedTable(limit: settings.memory),
                known: BoundedTable(limit: settings.memory)
            )
        )
    }

    /// Admits an attempt, which counts as a failure until `succeeded` or `giveBack` says otherwise: of attempts at one
    /// time, no more are tried than may fail.
    ///
    /// - Throws: `.throttled`.
    package func admit(_ attempt: LoginAttempt) throws(IdentityError) {
        let isKnown = isKnown(attempt)
        let wait: Int? = state.withLock { state in
            let now = attempt.time
            let name = attempt.name(isKnown: isKnown)
            if let name, let delay = state.names.value(for: name), delay.until > now { return Int(delay.until - now) }
            var source = state.sources.value(for: attempt.source) ?? TokenBucket(settings.source, now: now)
            if let wait = source.take(1, settings.source, now: now) { return wait }
            let rate = isKnown ? settings.knownSource : settings.account
            if let place = attempt.place(isKnown: isKnown) {
                var account = state.accounts.value(for: place) ?? TokenBucket(rate, now: now)
                // What the account refuses is not the source's failure.
                if let wait = account.take(1, rate, now: now) { return wait }
                state.accounts.store(account, for: place)
            }
            state.sources.store(source, for: attempt.source)
            return nil
        }
        if let wait { throw .throttled(retryAfter: wait) }
    }

    /// The attempt was a right login: it costs nothing, and its source is known in the account.
    package func succeeded(_ attempt: LoginAttempt) {
        giveBack(attempt)
        state.withLock { state in
            for isKnown in [true, false] {
                if let name = attempt.name(isKnown: isKnown) { state.names.remove(name) }
            }
            if let place = attempt.place(isKnown: true) { state.known.store((attempt.time, attempt.time), for: place) }
        }
    }

    /// The attempt was wrong: the next one with this name may have to wait.
    package func failed(_ attempt: LoginAttempt) {
        guard let name = attempt.name(isKnown: isKnown(attempt)) else { return }
        state.withLock { state in
            var delay = state.names.value(for: name) ?? Delay()
            delay.failures += 1
            let waits = delay.failures - settings.freeFailures
            if waits >= 0 { delay.until = attempt.time + min(settings.longestDelay, 1 << min(waits, 30)) }
            state.names.store(delay, for: name)
        }
    }

    /// The attempt was neither right nor wrong.
    package func giveBack(_ attempt: LoginAttempt) {
        let isKnown = isKnown(attempt)
        state.withLock { state in
            if var bucket = state.sources.value(for: attempt.source) {
                bucket.giveBack(1, settings.source)
                state.sources.store(bucket, for: attempt.source)
            }
            if let place = attempt.place(isKnown: isKnown), var bucket = state.accounts.value(for: place) {
                bucket.giveBack(1, isKnown ? settings.knownSource : settings.account)
                state.accounts.store(bucket, for: place)
            }
        }
    }

    /// Admits a try at a user's second factor, which counts until `codeSucceeded`.
    ///
    /// - Throws: `.throttled`.
    package func admitCode(account: String, user: String, now: Int64) throws(IdentityError) {
        let wait = state.withLock { state in
            let place = SecretDigest(Array("\(account)/\(user)".utf8))
            var bucket = state.codes.value(for: place) ?? TokenBucket(settings.code, now: now)
            let wait = bucket.take(1, settings.code, now: now)
            state.codes.store(bucket, for: place)
            return wait
        }
        if let wait { throw .throttled(retryAfter: wait) }
    }

    package func codeSucceeded(account: String, user: String) {
        state.withLock { $0.codes.remove(SecretDigest(Array("\(account)/\(user)".utf8))) }
    }

    /// How much is remembered.
    var count: Int {
        state.withLock {
            $0.sources.count + $0.accounts.count + $0.names.count + $0.codes.count + $0.known.count
        }
    }

    /// Whether somebody logged in to the account from this source of late. History is asked once a minute at most.
    private func isKnown(_ attempt: LoginAttempt) -> Bool {
        guard let account = attempt.account, let place = attempt.place(isKnown: true) else { return false }
        let since = attempt.time - settings.knownFor
        let remembered = state.withLock { $0.known.value(for: place) }
        if let remembered, remembered.login > since { return true }
        if let remembered, attempt.time - remembered.asked < 60 { return false }
        let isKnown = history.hasLoggedIn(account: account, source: attempt.source, since: since)
        state.withLock { $0.known.store((isKnown ? attempt.time : 0, attempt.time), for: place) }
        return isKnown
    }
}

/// Knows nothing that this process did not see.
package struct NoHistory: SourceHistory {
    package init() {}
    package func hasLoggedIn(account: String, source: ClientSource, since: Int64) -> Bool { false }
}

extension LoginAttempt {
    /// The account as one source sees it, or as all strangers share it. Names are hashed: they may be long, and are the
    /// client's choice.
    fileprivate func place(isKnown: Bool) -> SecretDigest? {
        account.map { account in SecretDigest(Array("\(account)\u{0}\(isKnown ? source.text : "")".utf8)) }
    }

    fileprivate func name(isKnown: Bool) -> SecretDigest? {
        guard let account, let username else { return nil }
        return SecretDigest(Array("\(account)\u{0}\(isKnown ? source.text : "")\u{0}\(username.lowercased())".utf8))
    }
}
