//  A range of numbers that a context sets aside for one use.

import PluginKit

/// The numbers from one to another, all of the same length: `1000` to `1999`.
struct NumberRange: Equatable {
    let start: String
    let end: String

    /// Reads `{"start": "1000", "end": "1999"}`; a range without an end is one number.
    init?(_ json: JSON) {
        guard let start = json["start"]?.string else { return nil }
        self.start = start
        end = json["end"]?.string ?? start
    }

    func contains(_ number: String) -> Bool {
        // Numbers of one length compare as their digits do, however long they are.
        number.utf8.count == start.utf8.count && number.utf8.count == end.utf8.count && start <= number && number <= end
    }

    /// The ranges of a context for one use.
    ///
    /// - Parameter field: `user_ranges` and so on.
    static func all(_ field: String, of context: Document) -> [NumberRange] {
        (context[field]?.array ?? []).compactMap(NumberRange.init)
    }
}
