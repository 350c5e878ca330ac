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
