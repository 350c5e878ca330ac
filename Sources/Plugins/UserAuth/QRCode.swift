//  A QR code as a picture. Source: ISO/IEC 18004, through libqrencode.

import CQRCode

/// The dark and light squares that stand for a text.
struct QRCode: Equatable {
    /// Squares to a side.
    let width: Int
    /// Row by row, whether a square is dark.
    let squares: [Bool]

    /// Light squares around the code; readers want four.
    private static let margin = 4

    /// - Returns: nil for a text that is empty, or too long for a code of its kind.
    init?(_ text: String) {
        guard let code = QRcode_encodeString8bit(text, 0, QR_ECLEVEL_M) else { return nil }
        defer { QRcode_free(code) }
        width = Int(code.pointee.width)
        // The lowest bit is the square's colour; the others say what it is for.
        squares = (0..<(width * width)).map { code.pointee.data[$0] & 1 == 1 }
    }

    /// A picture of one path: black on white, whatever the page's colours, because readers take it for paper.
    var svg: String {
        let side = width + 2 * Self.margin
        var path = ""
        for row in 0..<width {
            for column in 0..<width where squares[row * width + column] {
                path += "M\(column + Self.margin) \(row + Self.margin)h1v1h-1z"
            }
        }
        return #"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \#(side) \#(side)" role="img" "#
            + #"aria-label="QR code"><path fill="white" d="M0 0h\#(side)v\#(side)H0z"/><path d="\#(path)"/></svg>"#
    }
}
