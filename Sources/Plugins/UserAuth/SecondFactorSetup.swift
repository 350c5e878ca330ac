//  Giving a user a second factor, and taking it away.

import Identity
import PluginKit

/// What happens to a user's document when a factor begins or ends.
struct SecondFactorSetup: Sendable {
    /// What a person reads in front of the account's name in an authenticator application.
    private static let issuer = "Jackfield"

    private let kit: Kit
    private let account: String
    private let user: String

    init(_ kit: Kit, account: String, user: String) {
        self.kit = kit
        self.account = account
        self.user = user
    }

    /// What a user needs to set an authenticator application up: the secret, its address, and a picture of that.
    func description(_ generator: OneTimeCode, name: String) -> JSON {
        let uri = generator.uri(issuer: Self.issuer, account: name)
        var description: JSONObject = ["secret": .string(Base32.encode(generator.secret)), "uri": .string(uri)]
        // An address that is too long for a picture can still be typed.
        description["qr_svg"] = QRCode(uri).map { .string($0.svg) }
        return .object(description)
    }

    /// Makes a generator the user's own, if a code shows that the user has it. All older tokens of the user end.
    ///
    /// - Returns: the recovery codes, to be shown once; nil for a wrong code.
    func confirm(
        _ generator: OneTimeCode,
        code: String,
        in secrets: inout UserSecrets,
        now: Int64
    ) throws(APIError) -> [String]? {
        guard let step = generator.step(of: code.filter { $0 != " " }, after: -1, now: now) else { return nil }
        let codes = (0..<SecondFactor.recoveryCodeCount).map { _ in RandomSecret.recoveryCode() }
        do {
            let owner = SecondFactor.owner(account: account, user: user)
            secrets.secondFactor = SecondFactor(
                sealedSecret: try kit.identity.box.seal(generator.secret, owner: owner),
                lastStep: step,
                recoveryDigests: codes.map(\.digest)
            )
        } catch {
            throw APIError(error)
        }
        secrets.epoch += 1
        return codes.map(\.text)
    }
}
