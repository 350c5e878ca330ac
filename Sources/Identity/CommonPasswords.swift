//  Passwords that everybody tries first. Source: NIST SP 800-63B §5.1.1.2; OWASP ASVS 5, 6.2.4 and 6.2.11.

/// A few hundred of the commonest words, in `common_passwords.txt`, and the names of whoever sets the password.
///
/// Whatever is not a letter, in front of a word and behind it, does not make a password of it, nor do the usual signs in
/// place of letters: `P@ssw0rd!` is `password`.
package enum CommonPasswords {
    private static let words = Set(
        String(decoding: PackageResources.common_passwords_txt, as: UTF8.self).split(separator: "\n").map(String.init)
    )

    private static let disguises: [Character: Character] = ["@": "a", "4": "a", "3": "e", "0": "o", "$": "s", "5": "s"]

    /// Whether a password is one of them.
    ///
    /// - Parameter names: of the user and the account; their words count too.
    package static func contain(_ password: String, names: [String]) -> Bool {
        let whole = password.lowercased()
        if Set(whole).count <= 2 { return true }
        let bare = trimmed(whole)
        let plain = String(bare.map { disguises[$0] ?? $0 })
        let forms = [whole, bare, plain, trimmed(plain)]
        let own = Set(names.flatMap { name in [name] + name.split { !$0.isLetter && !$0.isNumber }.map(String.init) })
            .map(lettersAndDigits)
            .filter { $0.count >= 3 }
        return forms.contains { words.contains($0) || own.contains(lettersAndDigits($0)) }
    }

    /// From the first letter to the last.
    private static func trimmed(_ text: String) -> String {
        guard let first = text.firstIndex(where: \.isLetter), let last = text.lastIndex(where: \.isLetter) else {
            return ""
        }
        return String(text[first...last])
    }

    private static func lettersAndDigits(_ text: String) -> String {
        text.lowercased().filter { $0.isLetter || $0.isNumber }
    }
}
