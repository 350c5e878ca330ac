//  Which account a login means: by a phone number, a realm or a name.

import PluginKit

/// What the data of a login call an account. Source: Crossbar's user_auth, which asks in this order, and goes on where
/// nothing is found.
struct AccountNames: Sendable {
    private let number: String?
    private let realm: String?
    private let name: String?

    /// - Parameter data: as the schema of the login lets them through.
    init(_ data: JSON) {
        number = data["phone_number"]?.string
        realm = data["account_realm"]?.string ?? data["realm"]?.string
        name = data["account_name"]?.string
    }

    /// What stands for an account that nobody knows; empty if nothing was said.
    var text: String { number ?? realm ?? name ?? "" }

    /// Returns the account's id, or nil; enabled or not.
    func account(_ kit: Kit) throws(APIError) -> String? {
        if let number, kit.has(PhoneNumbersPlugin.self) {
            let key = PhoneNumbersPlugin.key(of: TelephoneNumber.normalised(number))
            // A number is a document of the account that has it.
            if let holder = try kit.holder(of: key) { return holder.scope.text }
        }
        return try kit.directory.account(named: name, realm: realm)
    }
}
