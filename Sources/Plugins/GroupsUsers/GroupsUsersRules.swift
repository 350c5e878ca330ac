//  A user of a group has a line, and no line rings twice.

import PluginKit

struct GroupsUsersRules: AssociationRules {
    func objections(toLinking group: Document, _ user: Document, _ reader: Reader) throws(APIError) -> [String] {
        let lines = user["lines"]?.array ?? []
        if lines.isEmpty { return ["The user has no line."] }
        for member in group["users"]?.array ?? [] where member.string != user.id.text {
            let other = try reader.document(DocumentID(member.string ?? ""), type: UsersPlugin.documentType)
            if other?["lines"]?.array?.contains(where: lines.contains) == true {
                return ["A user of the group has the same line."]
            }
        }
        return []
    }
}
