//  What happens around a number: who may bring it in, and in which state it is.

import PluginKit

struct PhoneNumbersService: CRUDService {
    /// Puts a number into the inventory of the account.
    ///
    /// - Parameter fields: with the number as `id`.
    /// - Throws: `.forbidden` unless an administrator of the master account asks, or the server itself; `.conflict` if
    ///   the account has the number already.
    func create(_ fields: JSONObject, in work: Work) throws(APIError) -> Document {
        var fields = fields
        let number = DocumentID(fields.removeValue(forKey: "id")?.string ?? "")
        guard work.caller?.isSuperduper ?? true else { throw .forbidden }
        guard try work.reader.document(number) == nil else { throw .conflict }
        return try work.save(Change(old: nil, new: work.document(id: number, fields)))
    }

    /// The state is the server's: what the number had, else what it shall begin with.
    ///
    /// - Throws: `.badIdentifier` if the account's own people release a number that is available: it is not theirs yet.
    func prepare(_ change: inout Change, in work: Work) throws(APIError) {
        guard var number = change.new else {
            guard let number = change.old, number["state"] == "available", let caller = work.caller,
                !caller.isSuperduper, caller.account.id == number.scope.text
            else { return }
            throw .badIdentifier(number.id.text)
        }
        guard number["state"] == nil else { return }
        let first = number["create_with_state"] ?? "in_service"
        number.fields["state"] = change.old?["state"] ?? first
        change.new = number
    }
}

/// A number is a number of the public network, is nobody else's, and goes from state to state as numbers do.
struct PhoneNumbersValidator: Validator {
    /// From which states one can be reached.
    private static let origins: [String: Set<String>] = [
        "in_service": ["reserved", "available", "aging", "port_in", "discovery"],
        "reserved": ["in_service", "available", "aging", "port_in", "discovery"],
    ]

    func violations(of change: Change, _ reader: Reader) throws(APIError) -> Violations {
        var violations = Violations()
        guard let number = change.new else { return violations }
        if change.old == nil {
            if !TelephoneNumber.isPublic(number.id.text) {
                violations.add(
                    path: "number",
                    rule: "invalid",
                    message: "Not a telephone number with its country code",
                    cause: .string(number.id.text)
                )
            }
            if let holder = try reader.holder(of: PhoneNumbersPlugin.key(of: number.id.text)),
                holder.scope != number.scope
            {
                violations.add(
                    path: "number",
                    rule: "unique",
                    message: "The number belongs to another account",
                    cause: .string(number.id.text)
                )
            }
        } else if change.changes("state"), let from = change.old?["state"]?.string, let to = number["state"]?.string,
            Self.origins[to]?.contains(from) != true
        {
            violations.add(
                path: "state",
                rule: "invalid_state_transition",
                message: "A number that is \(from) cannot become \(to)",
                cause: .string(to)
            )
        }
        return violations
    }
}
