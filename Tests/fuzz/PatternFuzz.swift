//  Compiles arbitrary regular expressions and matches them against arbitrary texts.
//
//  Built by ./run in one module with the pattern sources of JSONSchema.

/// One input of libFuzzer: a pattern, a zero byte, a text.
///
/// Promises: every pattern is compiled or refused, and a match ends soon, whatever the pattern. libFuzzer ends a run that
/// takes longer than the time it is given for one input.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzPattern(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let input = UnsafeBufferPointer(start: start, count: count)
    let parts = input.split(separator: 0, maxSplits: 1, omittingEmptySubsequences: false)
    let source = String(decoding: parts[0], as: UTF8.self)
    let text = String(decoding: parts[parts.count - 1], as: UTF8.self)
    guard let pattern = try? Pattern(source) else { return 0 }
    let isFound = pattern.matches(text)
    // What occurs in a text occurs in the longer one too, unless the pattern looks at the ends.
    if isFound, !source.contains("^"), !source.contains("$"), !source.contains("\\") {
        precondition(pattern.matches("x" + text + "y"), "a longer text matches less")
    }
    return 0
}
