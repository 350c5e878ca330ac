//  Choosing a representation.

import HTTPTypes
import Testing

@testable import Gateway

@Suite struct NegotiationTests {
    /// The tunnelled `accept`, the `Accept` field, and the representation; nil when it is refused.
    static let table: [(String?, String?, Representation?)] = [
        (nil, nil, .json), (nil, "", .json), (nil, "*/*", .json), (nil, "application/*", .json),
        (nil, "text/csv", .csv),
        (nil, "application/octet-stream", .csv), (nil, "text/html", .html), (nil, "TEXT/HTML", .html),
        (nil, "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", .html),
        (nil, "text/html;q=0.4, application/json;q=0.5", .json), (nil, "text/*", .csv),
        (nil, "text/*;q=0.5, text/html", .html), (nil, "application/json;q=0, */*", .csv),
        (nil, "image/png", nil), (nil, "application/json;q=0", nil), (nil, "nonsense", nil), (nil, ";;;,,,", nil),
        ("csv", "application/json", .csv), ("CSV", nil, .csv), ("html", nil, .html), ("text/html", "image/png", .html),
        ("json", "text/html", .json), ("image/png", "application/json", nil), ("", "application/json", nil),
    ]

    /// The type of a file, what a client accepts, and whether it takes the file.
    static let files: [(String, String?, Bool)] = [
        ("audio/mpeg", nil, true), ("audio/mpeg", "", true), ("audio/mpeg", "*/*", true),
        ("audio/mpeg", "audio/*", true),
        ("audio/mp3", "audio/mpeg", true), ("audio/x-wav", "audio/wav", true), ("audio/mpeg", "audio/wav", false),
        ("audio/mpeg", "application/json", false), ("audio/mpeg", "application/octet-stream", true),
        ("audio/mpeg", "text/html,*/*;q=0.8", true), ("audio/mpeg", "audio/mpeg;q=0", false),
        ("audio/mpeg", "csv", false), ("video/mp4", "audio/mp4", false),
    ]

    @Test(arguments: files)
    func aFileIsSentToWhoAcceptsItsType(type: String, accept: String?, isTaken: Bool) {
        #expect(accepts(type, by: accept) == isTaken)
    }

    /// What a client accepts, and whether it wants the sound of a recording rather than its document.
    static let sounds: [(String?, Bool)] = [
        (nil, false), ("", false), ("*/*", false), ("application/json", false), ("audio/mpeg", true), ("audio/*", true),
        ("AUDIO/MPEG", true), ("audio/midi", false), ("audio/mpeg;q=0", false), ("audio/mpeg, */*;q=0.5", true),
        ("audio/webm,audio/wav,audio/*;q=0.9,video/*;q=0.6,*/*;q=0.5", true),
        ("application/json, audio/mpeg", false), ("audio/mpeg, application/json", true),
        ("audio/mpeg;q=0.5, application/json", false), ("audio/mpeg, application/json;q=0.5", true), ("csv", false),
        ("text/html,application/xhtml+xml,*/*;q=0.8", false),
    ]

    @Test(arguments: sounds)
    func aFileIsMeantByWhoeverNamesItsTypeBeforeAnythingElse(accept: String?, isMeant: Bool) {
        #expect(prefersFile(of: ["audio/mpeg", "audio/wav", "video/mp4"], accept: accept) == isMeant)
    }

    @Test(arguments: table)
    func theTunnelledTypeWinsAndQualityDecides(tunnelled: String?, field: String?, expected: Representation?) {
        let chosen = Result { () throws(APIError) in try negotiate(tunnelled: tunnelled, field: field) }
        switch chosen {
        case .success(let representation): #expect(representation == expected)
        case .failure(let error):
            #expect(expected == nil)
            #expect(error.status.code == 406)
        }
    }
}
