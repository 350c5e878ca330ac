//  Feeds arbitrary bytes to what reads a request target: path, query and the form of a query.
//
//  Built by ./run in one module with the sources of the gateway that it needs.

/// Promises: reading ends and traps nowhere; a path is read back from its own escaped form; nothing that is read holds a
/// NUL; a query read twice is the same query; a form becomes an envelope or is refused with a reason.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzTarget(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let input = Array(UnsafeBufferPointer(start: start, count: count))
    checkTarget(input)
    checkForm(input)
    return 0
}

private func checkTarget(_ input: [UInt8]) {
    do {
        let target = try RequestTarget([0x2F] + input)
        precondition(target.segments.allSatisfy { !$0.utf8.contains(0) }, "a NUL in a path")
        let again = "/" + target.segments.map(percentEncoded).joined(separator: "/")
        let read = try RequestTarget(Array(again.utf8))
        precondition(read.segments == target.segments, "a path does not come back")
        _ = Vocabulary().nouns(of: target.segments)
        for (name, _) in target.query.pairs { precondition(target.query[name] != nil, "a word is lost") }
    } catch {
        precondition(error.status.code == 400 && !error.data.text().isEmpty, "a refusal without a reason")
    }
}

private func checkForm(_ input: [UInt8]) {
    do {
        let envelope = try RequestEnvelope(value: FormEnvelope.value(of: QueryParameters(input[...])))
        precondition(envelope.data.object != nil, "a form without data")
    } catch {
        precondition(error.status.code == 400 && !error.data.text().isEmpty, "a refusal without a reason")
    }
}
