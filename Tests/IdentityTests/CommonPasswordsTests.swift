//  Passwords that everybody tries first.

import Testing

@testable import Identity

@Suite struct CommonPasswordsTests {
    static let names = ["ada.lovelace", "Ada", "Lovelace", "ada@lighthouse.example", "Lighthouse Telephones Ltd."]

    @Test(arguments: [
        "password", "PASSWORD", "Password1", "password123!", "P@ssw0rd", "p4$$w0rd", "!!!dragon!!!", "dragon2024",
        "12345678", "1qaz2wsx", "qwertyuiop", "iloveyou", "aaaaaaaaaaaa", "abababababab", "00000000",
        "ada.lovelace", "Ada.Lovelace1", "adalovelace", "lovelace1815", "lighthouse", "Lighthouse99", "telephones",
        "LighthouseTelephonesLtd",
    ])
    func whatOthersGuessFirstIsCommon(password: String) {
        #expect(CommonPasswords.contain(password, names: Self.names))
    }

    @Test(arguments: [
        "correct horse", "a compiler of her own", "passwordless world", "my dragon eats", "lovelace and babbage",
        "8f14e45fceea167a", "lighthouse keepers", "x7!kQ2pz", "пароль у моря",
    ])
    func anythingElseIsNot(password: String) {
        #expect(!CommonPasswords.contain(password, names: Self.names))
    }

    @Test func aNameOfOneOrTwoLettersSaysNothing() {
        #expect(!CommonPasswords.contain("al1815-1852", names: ["al"]))
    }
}
