//  A user as a card for address books: names, e-mail address, photo, and the numbers of the user's callflows.

import PluginKit

struct UsersVcardPlugin: ViewPlugin {
    static let name = "users_vcard"
    static let summary: String? = "A user as a card for an address book."
    static let word = "vcard"
    static let owners: [any ResourcePlugin.Type] = [UsersPlugin.self]
    static let source = ViewSource.text { user, reader throws(APIError) in
        var card = VCard(firstName: user["first_name"]?.string, lastName: user["last_name"]?.string)
        card.add(email: user["email"]?.string)
        for callflow in try reader.referrers(of: user.id, type: CallflowsPlugin.documentType, field: "owner_id") {
            let numbers = try reader.document(callflow)?["numbers"]?.array ?? []
            for number in numbers.compactMap(\.string) { card.add(number: number) }
        }
        try card.addPhoto(UsersPhotoPlugin.word, of: user, reader)
        return InlineText(text: card.text, mediaType: "text/x-vcard", name: "\(user.id).vcf")
    }
}
