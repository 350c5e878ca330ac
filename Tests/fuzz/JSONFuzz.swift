//  Feeds arbitrary bytes to the JSON reader and compares what its parts say about them.
//
//  Built by ./run in one module with the sources of JSON.

/// One input of libFuzzer. A broken promise ends the process, and libFuzzer keeps the input that did it.
///
/// Promises: checking and reading agree, and say a place inside the text; a value comes back equal, member by member and
/// digit by digit, from each style; laying a text out from its tokens keeps its value; equal values have equal canonical
/// bytes; arithmetic on any number ends.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzJSON(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let input = Array(UnsafeBufferPointer(start: start, count: count))
    var refusal: JSONError?
    do { try JSON.check(input) } catch { refusal = error }
    do {
        let value = try JSON(parsing: input)
        precondition(refusal == nil, "check refuses what is read")
        checkWriting(of: value, input)
        checkNumbers(in: value)
    } catch {
        precondition(refusal == error, "checking and reading refuse differently")
        precondition(error.offset <= count && error.line >= 1 && error.column >= 1, "a place outside the text")
        precondition(!error.message.isEmpty)
    }
    return 0
}

private func checkWriting(of value: JSON, _ input: [UInt8]) {
    let compact = value.bytes()
    for style in [JSONStyle.compact, .pretty] {
        var raw = JSONWriter(style: style)
        raw.raw(input)
        for text in [value.bytes(style), raw.bytes] {
            let again = try? JSON(parsing: text)
            precondition(again == value, "a written value is not read back")
            precondition(again?.bytes() == compact, "order or digits are lost")
            precondition(again?.hashValue == value.hashValue, "equal values hash differently")
            precondition(again?.canonicalBytes() == value.canonicalBytes(), "equal values differ in canonical form")
        }
    }
    let canonical = try? JSON(parsing: value.canonicalBytes())
    precondition(canonical == value, "the canonical form is another value")
    if value.object != nil {
        precondition(value.merging([:]) == value.removingNulls(), "an empty patch changes something")
    }
}

private func checkNumbers(in value: JSON) {
    switch value {
    case .number(let number):
        let decimal = JSONDecimal(number)
        precondition(JSONNumber(text: number.text) == number)
        precondition(number.int == decimal.int && number.isInteger == decimal.isInteger)
        precondition(JSONDecimal(decimal.number) == decimal, "a number changes its value")
        precondition(decimal.isMultiple(of: decimal) != false)
        _ = (decimal.rounded, number.double, decimal < JSONDecimal(7), decimal.isMultiple(of: JSONDecimal(7)))
    case .array(let elements): elements.forEach(checkNumbers)
    case .object(let members): members.forEach { checkNumbers(in: $0.value) }
    case .null, .bool, .string: break
    }
}
