//  Who can be called in an account, for telephones that show a list: a name, a number of the public network, an extension.
//
//  The numbers are those of the callflows. Who answers is the user or the device that a callflow belongs to, else the one
//  that its first step rings; without one the callflow's own name stands. Users, devices and callflows with
//  `contact_list.exclude` are left out.

import PluginKit

struct ContactListPlugin: ViewPlugin {
    static let name = "contact_list"
    static let summary: String? = "Who can be called in an account, for telephones that show a list."
    static let source = ViewSource.rows { request throws(APIError) in
        var contacts: [JSONObject] = []
        for row in try request.reader.rows(CallflowsPlugin.self, CallflowsPlugin.reached, limit: limit) {
            if let contact = try contact(row, request.reader) { contacts.append(contact) }
        }
        return contacts
    }

    /// How many callflows are looked at: a telephone shows fewer.
    private static let limit = 2_000

    private static func contact(_ row: JSONObject, _ reader: Reader) throws(APIError) -> JSONObject? {
        var owner: Document?
        if let id = (row["owner_id"] ?? row["first"])?.string { owner = try reader.document(DocumentID(id)) }
        guard owner?["contact_list"]?["exclude"]?.bool != true else { return nil }
        let names = ["first_name", "last_name"].compactMap { owner?[$0]?.string }.filter { !$0.isEmpty }
        let ofOwner = owner?["name"]?.string ?? (names.isEmpty ? nil : names.joined(separator: " "))
        guard let name = ofOwner ?? row["name"]?.string else { return nil }
        let numbers = row["numbers"]?.array?.compactMap(\.string) ?? []
        var contact: JSONObject = ["name": .string(name)]
        contact["external_number"] = numbers.first(where: TelephoneNumber.isPublic).map { .string($0) }
        contact["internal_number"] = numbers.first { !TelephoneNumber.isPublic($0) }.map { .string($0) }
        return contact
    }
}
