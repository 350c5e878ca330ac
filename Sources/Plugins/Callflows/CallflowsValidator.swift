//  What a schema cannot say of callflows: something must lead to one, and nobody answers another account's number.

import PluginKit

struct CallflowsValidator: Validator {
    /// - Throws: `.refused` for a number of another account, whatever else is wrong.
    func violations(of change: Change, _ reader: Reader) throws(APIError) -> Violations {
        var violations = Violations()
        guard let callflow = change.new else { return violations }
        let numbers = callflow["numbers"]?.array?.compactMap(\.string) ?? []
        if numbers.isEmpty, (callflow["patterns"]?.array ?? []).isEmpty {
            violations.add(
                path: "numbers",
                rule: "required",
                message: "Callflows must be assigned at least one number or pattern"
            )
        }
        if change.changes("numbers") {
            for number in numbers where TelephoneNumber.isPublic(number) {
                let holder = try reader.holder(of: PhoneNumbersPlugin.key(of: number))
                guard let holder, holder.scope != callflow.scope else { continue }
                throw .refused("unauthorized to use \(number)")
            }
        }
        return violations
    }
}
