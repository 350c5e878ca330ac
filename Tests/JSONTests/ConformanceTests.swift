//  The public parsing test suite and the strings that break software.

import JSON
import Testing

private let parsing = Corpus("json-parsing")
private let naughtyStrings = Corpus("naughty-strings.json")

@Suite(.enabled(if: parsing.exists, "SKIPPED: ../shared/corpora/json-parsing is not there"))
struct ParsingConformanceTests {
    /// Texts that RFC 8259 allows and that are refused here.
    static let stricter: [String: JSONError.Reason] = [
        "y_object_duplicated_key.json": .duplicateKey,
        "y_object_duplicated_key_and_value.json": .duplicateKey,
        "y_object_escaped_null_in_key.json": .nulInKey,
    ]

    @Test func theSuiteIsWhole() {
        #expect(parsing.fileNames.filter { $0.hasPrefix("y_") }.count >= 95)
        #expect(parsing.fileNames.filter { $0.hasPrefix("n_") }.count >= 187)
        #expect(parsing.fileNames.filter { $0.hasPrefix("i_") }.count >= 35)
    }

    @Test(arguments: parsing.fileNames.filter { $0.hasPrefix("y_") && stricter[$0] == nil })
    func validTextsAreReadAndWrittenBack(file: String) throws {
        let bytes = try parsing.bytes(of: file)
        try JSON.check(bytes)
        let value = try JSON(parsing: bytes)
        for style in [JSONStyle.compact, .pretty] {
            let again = try JSON(parsing: value.bytes(style))
            #expect(again == value)
            #expect(again.bytes() == value.bytes())
        }
    }

    @Test(arguments: stricter)
    func someValidTextsAreRefusedOnPurpose(file: String, reason: JSONError.Reason) throws {
        let bytes = try parsing.bytes(of: file)
        #expect(refusal(of: bytes)?.reason == reason)
    }

    @Test(arguments: parsing.fileNames.filter { $0.hasPrefix("n_") })
    func invalidTextsAreRefused(file: String) throws {
        #expect(refusal(of: try parsing.bytes(of: file)) != nil)
    }

    /// The suite leaves these free; what is decided here is that they are read exactly or refused, and that checking
    /// and reading agree.
    @Test(arguments: parsing.fileNames.filter { $0.hasPrefix("i_") })
    func undecidedTextsAreReadExactlyOrRefused(file: String) throws {
        let bytes = try parsing.bytes(of: file)
        guard refusal(of: bytes) == nil else { return }
        #expect(file.hasPrefix("i_number_"))
        #expect(try JSON(parsing: bytes).bytes() == bytes.filter { $0 > 0x20 })
    }
}

@Suite(.enabled(if: naughtyStrings.exists, "SKIPPED: ../shared/corpora/naughty-strings.json is not there"))
struct NaughtyStringTests {
    @Test func everyStringComesBackAsValueAndAsKey() throws {
        let strings = try #require(try JSON(parsing: try naughtyStrings.bytes()).array).compactMap(\.string)
        #expect(strings.count >= 500)
        for text in strings {
            #expect(try JSON(parsing: JSON.string(text).bytes()) == .string(text))
            let object: JSON = .object([text: .string(text)])
            #expect(try JSON(parsing: object.bytes()) == object)
            #expect(try JSON(parsing: object.bytes(.pretty)) == object)
            #expect(JSON.object([text: 1])[text] == 1)
            #expect(object.value(at: JSONPath(elements: [text])) == .string(text))
        }
    }
}

/// Why a text is refused, or nil; reading and checking must agree.
func refusal(of bytes: [UInt8]) -> JSONError? {
    var checked: JSONError?
    do { try JSON.check(bytes) } catch { checked = error }
    var read: JSONError?
    do { _ = try JSON(parsing: bytes) } catch { read = error }
    #expect(checked == read)
    return checked
}

func refusal(of text: String) -> JSONError? { refusal(of: Array(text.utf8)) }
