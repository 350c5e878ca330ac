//  How telephone numbers are written. Source: ITU-T E.164, and the dialling habits of North America.

/// A dialled number in one spelling, so that equal numbers are equal texts.
enum TelephoneNumber {
    /// Returns a number of the public network as `+` and digits, and anything else, such as an extension or a feature
    /// code, as it is.
    ///
    /// Blanks, dots, hyphens and brackets do not count. `+` and 7 to 15 digits stay; `00` and `011` become `+`; ten
    /// digits of North America, with a 1 in front or without, become `+1` and ten digits.
    static func normalised(_ text: String) -> String {
        let bare = text.filter { !" .-()/".contains($0) }
        let digits = bare.hasPrefix("+") ? String(bare.dropFirst()) : bare
        guard !digits.isEmpty, digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return text }
        if bare.hasPrefix("+") { return (7...15).contains(digits.utf8.count) ? bare : text }
        for prefix in ["011", "00"] where digits.hasPrefix(prefix) {
            let rest = digits.dropFirst(prefix.utf8.count)
            if (7...15).contains(rest.utf8.count) { return "+\(rest)" }
        }
        let national = digits.utf8.count == 11 && digits.hasPrefix("1") ? String(digits.dropFirst()) : digits
        return isNorthAmerican(national) ? "+1\(national)" : bare
    }

    /// Whether a text is a number of the public network in its one spelling.
    static func isPublic(_ text: String) -> Bool {
        text.hasPrefix("+") && (7...15).contains(text.utf8.count - 1)
            && text.utf8.dropFirst().allSatisfy { (0x30...0x39).contains($0) }
    }

    /// Three digits of area and three of exchange, neither beginning with 0 or 1, and four more.
    private static func isNorthAmerican(_ digits: String) -> Bool {
        let digits = Array(digits.utf8)
        return digits.count == 10 && digits[0] >= 0x32 && digits[3] >= 0x32
    }
}
