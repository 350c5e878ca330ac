//  The use of a number: what its context is for, and which numbers it sets aside.

import PluginKit

/// An extension that is linked is of a context of one type, and in a range for this use; patterns need no range.
struct NumberInContext: LinkRule {
    let type: String
    /// The field of the context: `user_ranges`.
    let ranges: String

    func objection(toLinking pair: LinkedPair, _ reader: Reader) throws(APIError) -> String? {
        guard let id = pair.right["context_id"]?.string,
            let context = try reader.document(DocumentID(id), type: ContextsPlugin.documentType)
        else { return nil }
        guard context["type"]?.string == type else { return "The context is not \(type)." }
        let number = pair.right["exten"]?.string ?? ""
        if number.hasPrefix("_") || NumberRange.all(ranges, of: context).contains(where: { $0.contains(number) }) {
            return nil
        }
        return "The context has no such number in its \(ranges)."
    }
}
