//  What an operator may set about logins: what they cost, how often they may fail, and how long what they give lasts.

import Gateway
import Identity
import PluginKit

extension Settings {
    mutating func readLogins(_ reader: SettingsReader) {
        readDerivation(reader)
        identity.loginQueue = reader.number(
            "login.queue",
            1...1_000,
            max(1, workers * 3 / 4 - 1),
            "logins",
            "How many logins may wait for their turn; with fewer than there are workers, they hold up nobody else."
        )
        readThrottle(reader)
        readRequests(reader)

        identity.policy.minimumPasswordLength = reader.number(
            "password.min_length",
            1...1_024,
            identity.policy.minimumPasswordLength,
            "characters",
            "What every account's new passwords must have; an account may ask for more."
        )
        identity.policy.allowsCommonPasswords = reader.choice(
            "password.common",
            ["allow": true, "deny": false],
            identity.policy.allowsCommonPasswords,
            "Whether a new password may be one of the commonest; where it may, an account may refuse them still."
        )
        identity.policy.tokenLifetime = reader.number(
            "token.lifetime_seconds",
            60...43_200,
            identity.policy.tokenLifetime,
            "s",
            "How long the token of a login lasts; an account may let it last less."
        )
        identity.sessionIdle = minutes(
            reader,
            "session.idle_minutes",
            1...720,
            identity.sessionIdle,
            "How long a browser's session lasts without a request; it ends twelve hours after the login in any case."
        )
        identity.recoveryLifetime = minutes(
            reader,
            "recovery.lifetime_minutes",
            5...1_440,
            identity.recoveryLifetime,
            "How long the id in a letter about a forgotten password is good."
        )
        identity.recoveryPause = minutes(
            reader,
            "recovery.pause_minutes",
            1...1_440,
            identity.recoveryPause,
            "How long after one such letter the same user gets no other."
        )
    }

    private mutating func readDerivation(_ reader: SettingsReader) {
        let standard = identity.derivation
        let texts = reader.texts(
            "login.former_derivations",
            "What passwords were derived with before, as KIBIBYTESxPASSES; each costs every login a derivation more, "
                + "and goes when all users have logged in since."
        )
        identity.formerDerivations = texts.compactMap { text in
            let numbers = text.split(separator: "x", omittingEmptySubsequences: false).map { Int($0) }
            guard numbers.count == 2, let memory = numbers[0], let passes = numbers[1],
                Self.derivationMemory.contains(memory), Self.derivationPasses.contains(passes)
            else {
                reader.refuse(
                    "login.former_derivations",
                    "expected KIBIBYTESxPASSES, such as 47104x1, found \"\(text)\""
                )
                return nil
            }
            return Argon2Parameters(memory: memory, passes: passes)
        }
        identity.derivation.memory = reader.number(
            "login.derivation_kibibytes",
            Self.derivationMemory,
            standard.memory,
            "KiB",
            "Memory of one derivation of a password. Name the value before in login.former_derivations."
        )
        identity.derivation.passes = reader.number(
            "login.derivation_passes",
            Self.derivationPasses,
            standard.passes,
            "passes",
            "How often a derivation goes over its memory."
        )
    }

    /// From the least that OWASP's Password Storage Cheat Sheet names.
    private static let derivationMemory = 19_456...1_048_576
    private static let derivationPasses = 1...20

    private mutating func readThrottle(_ reader: SettingsReader) {
        func rate(_ name: String, _ rate: inout Rate, _ help: String) {
            rate.burst = Double(
                reader.number("throttle.\(name)_failures", 1...1_000_000, Int(rate.burst), "failures", help)
            )
            rate.perSecond =
                Double(
                    reader.number(
                        "throttle.\(name)_failures_an_hour",
                        1...3_600_000,
                        Int((rate.perSecond * 3_600).rounded()),
                        "failures an hour",
                        "How many more in the long run."
                    )
                ) / 3_600
        }
        rate("source", &identity.throttle.source, "How often one source may fail at once, whatever it tries.")
        rate(
            "account",
            &identity.throttle.account,
            "How often logins to one account may fail at once, from all sources that never logged in there."
        )
        rate(
            "known_source",
            &identity.throttle.knownSource,
            "How often one source may fail at once in an account where it has logged in."
        )
        rate("code", &identity.throttle.code, "How many wrong codes of a second factor one user may send at once.")
        identity.throttle.freeFailures = reader.number(
            "throttle.name_failures",
            1...100,
            identity.throttle.freeFailures,
            "failures",
            "How often one user's name may fail until each further try has to wait, twice as long each time."
        )
        identity.throttle.longestDelay = Int64(
            reader.number(
                "throttle.longest_wait_seconds",
                1...86_400,
                Int(identity.throttle.longestDelay),
                "s",
                "The longest of these waits."
            )
        )
        identity.throttle.knownFor =
            Int64(
                reader.number(
                    "throttle.known_days",
                    1...3_650,
                    Int(identity.throttle.knownFor / 86_400),
                    "days",
                    "How long a source that logged in to an account is known there."
                )
            ) * 86_400
        identity.throttle.memory = reader.number(
            "throttle.memory",
            100...1_000_000,
            identity.throttle.memory,
            "entries of each kind, of 200 bytes",
            "How many sources, accounts and names are remembered."
        )
    }

    private mutating func readRequests(_ reader: SettingsReader) {
        identity.requests.rate.burst = Double(
            reader.number(
                "requests.tokens",
                1...1_000_000,
                Int(identity.requests.rate.burst),
                "tokens",
                "How many tokens each source has for each account; what nobody answers for takes some."
            )
        )
        identity.requests.rate.perSecond = Double(
            reader.number(
                "requests.tokens_a_second",
                1...1_000_000,
                Int(identity.requests.rate.perSecond),
                "tokens",
                "How many come back every second."
            )
        )
        identity.requests.cost = Double(
            reader.number(
                "requests.cost",
                0...1_000,
                Int(identity.requests.cost),
                "tokens",
                "What a request with a bad token or with credentials takes; 0 switches the limit off."
            )
        )
        if identity.requests.cost > identity.requests.rate.burst {
            reader.refuse("requests.cost", "expected no more than requests.tokens")
        }
        identity.requests.memory = reader.number(
            "requests.memory",
            100...1_000_000,
            identity.requests.memory,
            "sources and accounts, of 200 bytes",
            "How many are remembered."
        )
    }

    private func minutes(
        _ reader: SettingsReader,
        _ name: String,
        _ range: ClosedRange<Int>,
        _ standard: Int64,
        _ help: String
    ) -> Int64 {
        Int64(reader.number(name, range, Int(standard / 60), "minutes", help)) * 60
    }
}
