//  A user as a card for address books: names, e-mail address, and the numbers of the user's callflows.

import PluginKit

struct UsersVcardPlugin: Plugin {
    static let name = "users_vcard"
    static let summary: String? = "A user as a card for an address book."

    static func routes(kit: Kit) -> [PluginRoute] {
        let route = Route([(.get, .account(.user))], answersFiles: [.get]) { call throws(APIError) in
            let service = try kit.service(UsersPlugin.self, for: call)
            let id = try service.documentID()
            let card = try service.transact { work throws(APIError) in .string(try Self.text(of: id, work)) }
            return Reply(
                .text(InlineText(text: card.string ?? "", mediaType: "text/x-vcard", name: "\(id).vcf"))
            )
        }
        return [PluginRoute(RouteTemplate("\(UsersPlugin.itemPath)/vcard"), route)]
    }

    static func problems(kit: Kit) -> [String] { kit.catalogue.missing(UsersPlugin.self, for: name) }

    /// Source: RFC 2426 §3 and §5.
    private static func text(of id: DocumentID, _ work: Work) throws(APIError) -> String {
        let user = try work.find(id)
        func field(_ name: String) -> String { escaped(user[name]?.string ?? "") }
        var lines = [
            "BEGIN:VCARD", "VERSION:3.0", "N:\(field("last_name"));\(field("first_name"));;;",
            "FN:\([field("first_name"), field("last_name")].filter { !$0.isEmpty }.joined(separator: " "))",
        ]
        if user["email"]?.string != nil { lines.append("EMAIL;TYPE=INTERNET:\(field("email"))") }
        for callflow in try work.reader.referrers(of: id, type: CallflowsPlugin.documentType, field: "owner_id") {
            let numbers = try work.reader.document(callflow)?["numbers"]?.array ?? []
            for number in numbers.compactMap(\.string) { lines.append("TEL;TYPE=WORK:\(escaped(number))") }
        }
        return (lines + ["END:VCARD"]).map { $0 + "\r\n" }.joined()
    }

    private static func escaped(_ text: String) -> String {
        text.replacing("\\", with: "\\\\").replacing(";", with: "\\;").replacing(",", with: "\\,")
            .replacing("\r", with: "").replacing("\n", with: "\\n")
    }
}
