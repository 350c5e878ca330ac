//  A line's number is one that its context sets aside for users, and it has one main user on all its lines.

import PluginKit

struct LinesExtensionsRules: AssociationRules {
    func objections(toLinking line: Document, _ number: Document, _ reader: Reader) throws(APIError) -> [String] {
        var objections: [String] = []
        let exten = number["exten"]?.string ?? ""
        if let id = number["context_id"]?.string,
            let context = try reader.document(DocumentID(id), type: ContextsPlugin.documentType)
        {
            if context["type"] != "internal" { objections.append("The context is not internal.") }
            let isPattern = exten.hasPrefix("_")
            if !isPattern, !NumberRange.all("user_ranges", of: context).contains(where: { $0.contains(exten) }) {
                objections.append("The context has no range for users with this number.")
            }
        }
        if let mainUser = try reader.mainUser(of: line.id) {
            for other in try reader.lines(of: number.id) where other != line.id {
                guard let owner = try reader.mainUser(of: other), owner != mainUser else { continue }
                objections.append("The extension belongs to another main user.")
                break
            }
        }
        return objections
    }
}
