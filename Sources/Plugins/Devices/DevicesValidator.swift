//  What a schema cannot say of devices: who changes their kind, and that nobody signs in as somebody else.

import PluginKit

struct DevicesValidator: Validator {
    /// What a device is that does not say it.
    private static let usualKind = "sip_device"

    func violations(of change: Change, _ reader: Reader) throws(APIError) -> Violations {
        var violations = Violations()
        guard let device = change.new else { return violations }
        if let old = change.old, Self.kind(of: old) != Self.kind(of: device), reader.caller?.isSuperduper == false {
            violations.add(
                path: "device_type",
                rule: "forbidden",
                message: "Only an administrator of the master account may change this"
            )
        }
        if Self.kind(of: device) == "mobile", (device["mobile"]?["mdn"]?.controlText ?? "").isEmpty {
            violations.add(path: "mobile.mdn", rule: "required", message: "Field is required but missing")
        }
        if let address = DevicesPlugin.address(of: device), change.changes("sip"), !Self.isAddress(address.value) {
            violations.add(
                path: "sip.ip",
                rule: "type",
                message: "Must be a valid IPv4 address",
                cause: .string(address.value)
            )
        }
        if let address = DevicesPlugin.address(of: device), try isTaken(address, by: device, reader) {
            violations.add(
                path: "sip.ip",
                rule: "unique",
                message: "SIP IP already in use",
                cause: .string(address.value)
            )
        }
        if let username = device["sip"]?["username"]?.string, try isTaken(username, device, reader) {
            violations.add(
                path: "sip.username",
                rule: "unique",
                message: DevicesPlugin.username.message,
                cause: .string(username)
            )
        }
        return violations
    }

    private static func kind(of device: Document) -> String { device["device_type"]?.string ?? usualKind }

    /// Four numbers up to 255 without zeros in front, so that each address has one spelling. Source: RFC 791.
    private static func isAddress(_ text: String) -> Bool {
        let numbers = text.split(separator: ".", omittingEmptySubsequences: false)
        return numbers.count == 4 && numbers.allSatisfy { number in UInt8(number).map { "\($0)" == number } ?? false }
    }

    /// Whether a device of another realm signs in where this one does, with its name. In its own account that is told
    /// already.
    private func isTaken(_ username: String, _ device: Document, _ reader: Reader) throws(APIError) -> Bool {
        if let elsewhere = DevicesPlugin.signIn(of: device) {
            if try isTaken(elsewhere, by: device, reader) { return true }
            // The realm may be that of an account, whose own devices do not name it.
            let realm = device["sip"]?["realm"]?.string ?? ""
            guard let account = try reader.holder(of: realm, AccountsPlugin.realm, AccountsPlugin.self),
                account.scope != device.scope
            else { return false }
            return try reader.holder(of: username, DevicesPlugin.username, DevicesPlugin.self, in: account.scope) != nil
        }
        guard let realm = try reader.account(DocumentID(device.scope.text))?["realm"]?.string else { return false }
        return try isTaken(DevicesPlugin.signIn(username, at: realm), by: device, reader)
    }

    private func isTaken(_ key: UniqueKey, by device: Document, _ reader: Reader) throws(APIError) -> Bool {
        guard let holder = try reader.holder(of: key) else { return false }
        return holder.id != device.id || holder.scope != device.scope
    }
}
