//  A schema's pattern as browsers understand it. Source: WHATWG HTML, "The pattern attribute".

enum FormPattern {
    /// Returns the pattern attribute that means the same, or nil for a pattern that had better be left to the server.
    ///
    /// A browser compiles the attribute with the `v` flag, which wants some characters of a class escaped, and matches
    /// the whole value; a schema's pattern may match a part.
    static func attribute(_ pattern: String) -> String? {
        guard pattern.utf8.count <= 500, !pattern.contains("(?<"), let escaped = withEscapedClasses(pattern) else {
            return nil
        }
        let isAnchored = escaped.hasPrefix("^") && escaped.hasSuffix("$") && !escaped.hasSuffix("\\$")
        if isAnchored, !escaped.replacing("\\|", with: "").contains("|") {
            return String(escaped.dropFirst().dropLast())
        }
        return ".*(?:\(escaped)).*"
    }

    /// Escapes what stands for itself in a class: brackets, bars, and a minus that is no range.
    private static func withEscapedClasses(_ pattern: String) -> String? {
        var text = ""
        var isInClass = false
        // Whether a minus would make a range out of what stands before it.
        var mayBeginRange = false
        var rest = Substring(pattern)
        while let character = rest.popFirst() {
            if character == "\\" {
                guard let next = rest.popFirst() else { return nil }
                text += "\\" + String(next)
                mayBeginRange = isInClass && !"wdsWDS".contains(next)
                continue
            }
            guard isInClass else {
                if character == "[" {
                    isInClass = true
                    mayBeginRange = false
                    text.append(character)
                    if rest.first == "^" { text.append(rest.removeFirst()) }
                } else {
                    text.append(character)
                }
                continue
            }
            switch character {
            case "]":
                isInClass = false
                text.append(character)
            case "[", "(", ")", "{", "}", "/", "|":
                text += "\\" + String(character)
                mayBeginRange = true
            case "-":
                let isRange = mayBeginRange && rest.first != "]"
                text += isRange ? "-" : "\\-"
                mayBeginRange = !isRange && !mayBeginRange
            case "&", "!", "#", "%", ",", ":", ";", "<", "=", ">", "@", "`", "~", "*", "+", ".", "?", "^", "$":
                // Doubled, these are reserved.
                text += (rest.first == character ? "\\" : "") + String(character)
                mayBeginRange = true
            default:
                text.append(character)
                // The end of a range begins none.
                mayBeginRange = !text.dropLast().hasSuffix("-") || text.dropLast().hasSuffix("\\-")
            }
        }
        return isInClass ? nil : text
    }
}
