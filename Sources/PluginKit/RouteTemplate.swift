//  The path of a route with the names of its arguments.

import Gateway

/// A path in which `{name}` stands for any argument: `/accounts/{account}/users/{user}`.
package struct RouteTemplate: Hashable, Sendable, ExpressibleByStringInterpolation, CustomStringConvertible {
    private struct Step: Hashable, Sendable {
        let word: String
        let isPlaceholder: Bool
    }

    private let steps: [Step]
    package let description: String

    package init(stringLiteral text: String) { self.init(text) }

    package init(_ text: String) {
        steps = text.split(separator: "/").map { word in
            word.hasPrefix("{") && word.hasSuffix("}")
                ? Step(word: String(word.dropFirst().dropLast()), isPlaceholder: true)
                : Step(word: String(word), isPlaceholder: false)
        }
        description = steps.map { $0.isPlaceholder ? "/{\($0.word)}" : "/\($0.word)" }.joined()
    }

    /// The words and the names of the arguments, in order.
    var words: [String] { steps.map(\.word) }

    /// The names of the arguments.
    var arguments: [String] { steps.filter(\.isPlaceholder).map(\.word) }

    /// The names of the arguments with their places among the words.
    var placeholders: [(name: String, position: Int)] {
        steps.enumerated().filter(\.element.isPlaceholder).map { ($0.element.word, $0.offset) }
    }

    /// The path without its arguments' names: two templates with one shape answer the same requests.
    var shape: String { steps.map { $0.isPlaceholder ? "/{}" : "/\($0.word)" }.joined() }

    /// How many words are fixed: of two templates that match, the one with more is meant.
    var fixedWords: Int { steps.count { !$0.isPlaceholder } }

    /// The module whose endpoint it is, or nil if the path begins with none.
    func lastModule(_ vocabulary: Vocabulary) -> String? {
        vocabulary.nouns(of: steps.map { $0.isPlaceholder ? "{}" : $0.word })?.last?.module
    }

    /// Whether nouns have this path. Modules are words; arguments are words or placeholders.
    func matches(_ nouns: [Noun]) -> Bool {
        var rest = steps[...]
        for noun in nouns {
            guard let step = rest.popFirst(), !step.isPlaceholder, step.word == noun.module else { return false }
            for argument in noun.arguments {
                guard let step = rest.popFirst(), step.isPlaceholder || step.word == argument else { return false }
            }
        }
        return rest.isEmpty
    }
}
