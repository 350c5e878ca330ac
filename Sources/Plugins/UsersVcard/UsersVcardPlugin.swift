//  A user as a card for address books: names, e-mail address, and the numbers of the user's callflows.

import PluginKit

struct UsersVcardPlugin: ViewPlugin {
    static let name = "users_vcard"
    static let summary: String? = "A user as a card for an address book."
    static let word = "vcard"
    static let owners: [any ResourcePlugin.Type] = [UsersPlugin.self]
    static let source = ViewSource.text { user, reader throws(APIError) in
        let text = try VCard(user, reader).text
        return InlineText(text: text, mediaType: "text/x-vcard", name: "\(user.id).vcf")
    }
}

/// Source: RFC 2426 §3 and §5.
private struct VCard {
    let text: String

    init(_ user: Document, _ reader: Reader) throws(APIError) {
        func field(_ name: String) -> String { Self.escaped(user[name]?.string ?? "") }
        var lines = [
            "BEGIN:VCARD", "VERSION:3.0", "N:\(field("last_name"));\(field("first_name"));;;",
            "FN:\([field("first_name"), field("last_name")].filter { !$0.isEmpty }.joined(separator: " "))",
        ]
        if user["email"]?.string != nil { lines.append("EMAIL;TYPE=INTERNET:\(field("email"))") }
        for callflow in try reader.referrers(of: user.id, type: CallflowsPlugin.documentType, field: "owner_id") {
            let numbers = try reader.document(callflow)?["numbers"]?.array ?? []
            for number in numbers.compactMap(\.string) { lines.append("TEL;TYPE=WORK:\(Self.escaped(number))") }
        }
        text = (lines + ["END:VCARD"]).map { $0 + "\r\n" }.joined()
    }

    private static func escaped(_ text: String) -> String {
        text.replacing("\\", with: "\\\\").replacing(";", with: "\\;").replacing(",", with: "\\,")
            .replacing("\r", with: "").replacing("\n", with: "\\n")
    }
}
