//  An entry of a list as a card for address books: names, number, photo.

import PluginKit

struct ListsEntriesVcardPlugin: ViewPlugin {
    static let name = "lists_entries_vcard"
    static let summary: String? = "An entry of a list as a card for an address book."
    static let word = "vcard"
    static let owners: [any ResourcePlugin.Type] = [ListsEntriesPlugin.self]
    static let source = ViewSource.text { entry, reader throws(APIError) in
        var card = VCard(
            firstName: entry["firstname"]?.string,
            lastName: entry["lastname"]?.string,
            name: entry["displayname"]?.string
        )
        if let number = entry["number"]?.string { card.add(number: number) }
        try card.addPhoto(ListsEntriesPhotoPlugin.word, of: entry, reader)
        return InlineText(text: card.text, mediaType: "text/x-vcard", name: "\(entry.id).vcf")
    }
}
