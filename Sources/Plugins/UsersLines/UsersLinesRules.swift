//  Whoever shares a number shares its main user; a main user leaves a line last.

import PluginKit

struct UsersLinesRules: AssociationRules {
    func objections(toLinking user: Document, _ line: Document, _ reader: Reader) throws(APIError) -> [String] {
        let mainUser = try reader.mainUser(of: line.id) ?? user.id
        for number in line["extensions"]?.array ?? [] {
            let others = try reader.lines(of: DocumentID(number.string ?? "")).filter { $0 != line.id }
            for other in others {
                guard let owner = try reader.mainUser(of: other), owner != mainUser else { continue }
                return ["The line's extension belongs to another main user."]
            }
        }
        return []
    }

    func objections(toUnlinking user: Document, _ line: Document, _ reader: Reader) throws(APIError) -> [String] {
        let users = try reader.lefts(of: line.id, UsersLinesPlugin.self)
        return users.count > 1 && users.first == user.id ? ["The main user leaves the line after all others."] : []
    }
}

extension Reader {
    /// The first user who was linked to a line.
    func mainUser(of line: DocumentID) throws(APIError) -> DocumentID? {
        try lefts(of: line, UsersLinesPlugin.self).first
    }

    /// The lines that ring when an extension is dialled.
    func lines(of number: DocumentID) throws(APIError) -> [DocumentID] {
        try lefts(of: number, LinesExtensionsPlugin.self)
    }
}
