//  Feeds arbitrary text to what reads the fields of a header: Accept, conditions, parameters of a value, verbs.
//
//  Built by ./run in one module with the sources of the gateway that it needs.

import HTTPTypes

/// Promises: reading ends and traps nowhere; the answer to one question is always the same; what is tunnelled wins; a
/// condition holds for a revision that it names, and for no other unless it names any.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzNegotiation(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let input = Array(UnsafeBufferPointer(start: start, count: count))
    let text = String(decoding: input, as: UTF8.self)
    let chosen = try? negotiate(tunnelled: nil, field: text)
    precondition(chosen == (try? negotiate(tunnelled: nil, field: text)), "two answers to one question")
    precondition((try? negotiate(tunnelled: "csv", field: text)) == .csv, "a field wins over a tunnel")
    _ = try? negotiate(tunnelled: text, field: nil)

    let revision = "1-0123456789abcdef0123456789abcdef"
    let conditions = Conditions(ifMatch: text, ifNoneMatch: text)
    let isNamed = conditions.isNotModified(revision)
    precondition(!isNamed || text.contains(revision) || text.contains("*"), "a revision out of nowhere")
    precondition(!isNamed || (try? conditions.check(current: revision)) == nil, "a change of what must not be there")

    let value = FieldValue(text)
    precondition(value.essence == value.essence.lowercased(), "an essence in capitals")
    precondition(!value.essence.utf8.contains(UInt8(ascii: ";")), "a parameter in an essence")
    _ = (value["boundary"], value["name"], value["filename*"])
    _ = try? effectiveMethod(.post, query: text, envelope: nil)
    return 0
}
