//  A user's second factor at rest: the generator of the codes, and the codes for the day it is lost.

import JSON

/// What is kept in the private part of a user's document.
package struct SecondFactor: Sendable, Equatable {
    /// How many recovery codes there are at first.
    package static let recoveryCodeCount = 10

    /// The generator's secret, sealed for the user.
    package var sealedSecret: String
    /// The step of the last accepted code: it and all before it are used up.
    package var lastStep: Int64
    /// The digests of the recovery codes that are left.
    package var recoveryDigests: [String]

    package init(sealedSecret: String, lastStep: Int64, recoveryDigests: [String]) {
        self.sealedSecret = sealedSecret
        self.lastStep = lastStep
        self.recoveryDigests = recoveryDigests
    }

    /// - Returns: nil unless it is what `json` gives.
    package init?(_ json: JSON) {
        guard let sealedSecret = json["secret"]?.string, let lastStep = json["last_step"]?.int,
            let digests = json["recovery"]?.array
        else { return nil }
        self.init(
            sealedSecret: sealedSecret,
            lastStep: Int64(lastStep),
            recoveryDigests: digests.compactMap(\.string)
        )
    }

    package var json: JSON {
        [
            "secret": .string(sealedSecret),
            "last_step": .number(JSONNumber(Int(lastStep))),
            "recovery": .array(recoveryDigests.map { .string($0) }),
        ]
    }

    /// What the secret of a user's codes is sealed for.
    package static func owner(account: String, user: String) -> String { "second factor of \(account)/\(user)" }

    /// Uses a code up, if it is a good one: of the generator, or one of the recovery codes.
    ///
    /// The caller stores the changed factor before it believes the code: a code works once.
    ///
    /// - Returns: whether the code is good.
    /// - Throws: `.cryptography` if the secret does not open; then nobody is let in.
    package mutating func use(
        _ code: String,
        box: SecretBox,
        owner: String,
        now: Int64
    ) throws(IdentityError) -> Bool {
        let generator = OneTimeCode(secret: try box.open(sealedSecret, owner: owner))
        let plain = code.filter { $0 != " " }
        if let step = generator.step(of: plain, after: lastStep, now: now) {
            lastStep = step
            return true
        }
        let digest = Array(RandomSecret.digest(of: plain.uppercased()).utf8)
        var found: Int?
        for (index, known) in recoveryDigests.enumerated() where equalInConstantTime(digest, Array(known.utf8)) {
            found = index
        }
        guard let found else { return false }
        recoveryDigests.remove(at: found)
        return true
    }
}
