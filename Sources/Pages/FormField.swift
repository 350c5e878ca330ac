//  The fields of a form, from a schema and a value.

import Foundation
import JSON
import JSONSchema
import PluginKit

/// Makes the fields of a form; their names lead back to the places in the document.
struct FormFields {
    /// How many documents a reference offers to choose from; with more, a person types the id.
    private static let choiceLimit = 100
    /// How deep groups nest before a value is shown as JSON.
    private static let depthLimit = 6

    let visit: Visit
    let resource: ResourceDefinition?
    /// Whether the document is yet to be made.
    let isNew: Bool
    /// The sentences about each path.
    let messages: [JSONPath: [String]]
    /// Where the document stands in the data of the form.
    let root: JSONPath
    /// Where a row was added, removed or moved just now.
    let touched: JSONPath?

    /// The fields of an object's members.
    ///
    /// - Parameter hidden: names of members that are not the person's to set.
    func members(_ shape: SchemaShape, _ value: JSON?, at path: JSONPath = "", hiding hidden: Set<String> = [])
        -> [Model]
    {
        let members = value?.object ?? JSONObject()
        let properties = shape.properties
        let known = Set(properties.map(\.name))
        let required = Set(path == root ? shape.required : [])
        var fields = properties.filter { !hidden.contains($0.name) }.map { name, inner in
            field(inner, members[name], at: path.appending(name), name: name, isRequired: required.contains(name))
        }
        for (name, value) in members where !known.contains(name) && !hidden.contains(name) {
            fields.append(carried(value, at: path.appending(name)))
        }
        return fields
    }

    /// A value that the schema knows nothing of goes along unseen.
    private func carried(_ value: JSON, at path: JSONPath) -> Model {
        ["isCarried": true, "isField": false, "hasBoxes": false, "name": "json.\(path)", "value": value.text()]
    }

    private func field(_ shape: SchemaShape, _ value: JSON?, at path: JSONPath, name: String, isRequired: Bool) -> Model
    {
        let control = control(shape, value, at: path, isRequired: isRequired)
        let wrong = messages[path] ?? []
        var descriptions: [String] = []
        if !wrong.isEmpty { descriptions.append("message.\(path)") }
        if shape.text != nil { descriptions.append("help.\(path)") }
        // Every key is there, so that no template finds that of a group around it.
        let field: Model = [
            "isCarried": false,
            "isField": control["group"] == nil && control["boxes"] == nil,
            "hasBoxes": control["boxes"] != nil,
            "id": "data.\(path)",
            "name": "data.\(path)",
            "label": shape.title ?? Wording.title(ofName: name),
            "isRequired": isRequired,
            "isWrong": !wrong.isEmpty,
            "messages": wrong,
            "messageID": "message.\(path)",
            "hasHelp": shape.text != nil,
            "help": shape.text ?? "",
            "helpID": "help.\(path)",
            "isDescribed": !descriptions.isEmpty,
            "describedBy": descriptions.joined(separator: " "),
            "isCode": false,
            "isLines": false,
            "isWide": control["area"] != nil,
        ]
        return field.merging(control)
    }

    /// A field with nothing but a label.
    private static var bare: Model {
        [
            "isCarried": false, "isField": true, "hasBoxes": false, "isRequired": false, "isWrong": false,
            "hasHelp": false, "isDescribed": false, "isLines": false, "isWide": true,
        ]
    }

    private func control(_ shape: SchemaShape, _ value: JSON?, at path: JSONPath, isRequired: Bool) -> Model {
        let types = shape.types
        if types == ["object"] { return object(shape, value, at: path) }
        if types == ["array"] { return array(shape, value, at: path) }
        // What was typed does not fit into a plain field: it stays as it is.
        if value?.object != nil || value?.array != nil { return json(value, at: path) }
        let isText = types.isEmpty || types.contains("string") || types.contains("integer") || types.contains("number")
        if types == ["boolean"] { return flag(shape, value, at: path, isRequired: isRequired) }
        guard isText, !types.isEmpty || value?.controlText != nil || shape.keywords["enum"] != nil else {
            return json(value, at: path)
        }
        let text =
            value?.controlText ?? (isNew && isOnTop(path) ? shape.keywords["default"]?.controlText : nil)
        if let values = shape.keywords["enum"]?.array?.compactMap(\.controlText) {
            return select(values.map { ($0, $0) }, text, shape, isRequired: isRequired)
        }
        if let reference = resource?.reference(at: path) {
            if let choices = visit.choices(of: reference.target, limit: Self.choiceLimit) {
                return select(choices.map { ($0.id, $0.name) }, text, shape, isRequired: isRequired)
            }
            return input(shape, text, types).merging(search(reference.target))
        }
        if types == ["string"], let text, text.contains(where: \.isNewline) { return ["area": area(text, 6)] }
        return path.isSecret ? secret(shape) : input(shape, text, types)
    }

    // MARK: Plain fields

    private func input(_ shape: SchemaShape, _ text: String?, _ types: Set<String>) -> Model {
        let keywords = shape.keywords
        var input: Model = ["type": "text", "value": text ?? ""]
        if types == ["integer"] || types == ["number"] {
            // A browser drops what is no number from such a field; a mistake is shown as it was made.
            if text.map({ JSONNumber(text: $0) == nil }) != true { input["type"] = "number" }
            input["min"] = keywords["minimum"]?.controlText
            input["max"] = keywords["maximum"]?.controlText
            if types == ["number"] { input["step"] = "any" }
        } else {
            switch keywords["format"]?.string {
            case "email": input["type"] = "email"
            case "uri": input["type"] = "url"
            default: break
            }
            input["minlength"] = keywords["minLength"]?.controlText
            input["maxlength"] = keywords["maxLength"]?.controlText
            input["pattern"] = keywords["pattern"]?.string.flatMap(FormPattern.attribute)
        }
        if let standard = keywords["default"]?.controlText, !standard.isEmpty { input["placeholder"] = standard }
        return ["input": input]
    }

    /// A secret is asked for and never shown.
    private func secret(_ shape: SchemaShape) -> Model {
        var input: Model = ["type": "password", "value": "", "isSecret": true]
        if !isNew { input["placeholder"] = "unchanged" }
        return ["input": input]
    }

    /// The first choice says what an empty field means.
    private func select(_ options: [(String, String)], _ text: String?, _ shape: SchemaShape, isRequired: Bool) -> Model
    {
        var all = options
        if let text, !text.isEmpty, !options.contains(where: { $0.0 == text }) { all.append((text, text)) }
        if !isRequired || text == nil {
            let standard = shape.keywords["default"]?.controlText
            all.insert(("", standard.map { "Standard (\($0))" } ?? (isRequired ? "Choose…" : "None")), at: 0)
        }
        return ["select": ["options": Markup.options(all, chosen: text ?? "")] as Model]
    }

    private func search(_ type: String) -> Model {
        guard let resource = visit.kit.catalogue[type: type] else { return [:] }
        return [
            "search": [
                "href": visit.listLink("\(visit.accountPath)/\(resource.name)"),
                "name": "Look for \(Wording.aOrAn(Wording.one(resource)))",
            ]
        ]
    }

    /// A box where there are two answers; a choice of three where leaving it open is an answer too.
    private func flag(_ shape: SchemaShape, _ value: JSON?, at path: JSONPath, isRequired: Bool) -> Model {
        let standard = shape.keywords["default"]?.bool
        let flag = value?.bool ?? (value?.string).flatMap { ["true": true, "false": false][$0] }
        if flag != nil || (isNew && standard != nil && isOnTop(path)) {
            return ["box": ["isOn": flag ?? standard ?? false, "otherwise": "otherwise.\(path)"]]
        }
        let open = standard.map { "Standard (\($0 ? "yes" : "no"))" } ?? (isRequired ? "Choose…" : "Not set")
        let options = [("", open), ("true", "Yes"), ("false", "No")]
        return ["select": ["options": Markup.options(options, chosen: "")] as Model]
    }

    /// Whether a field is one of the document itself, not of a group in it.
    private func isOnTop(_ path: JSONPath) -> Bool { path.elements.count == root.elements.count + 1 }

    private func area(_ text: String, _ lines: Int) -> Model { ["value": text, "lines": lines] }

    private func json(_ value: JSON?, at path: JSONPath) -> Model {
        let text = value.map { value in value.string ?? value.text(.pretty) }
        return ["name": "json.\(path)", "area": area(text ?? "", 4), "isCode": true]
    }

    // MARK: Groups

    private func object(_ shape: SchemaShape, _ value: JSON?, at path: JSONPath) -> Model {
        let isPlain = shape.properties.isEmpty && shape.furtherMembers == nil
        let isOpen = isOpen(path)
        if isPlain || path.elements.count >= Self.depthLimit || (value != nil && value?.object == nil) {
            let code = json(value, at: path).merging(["id": "json.\(path)", "label": "In JSON"])
            return ["group": ["isOpen": isOpen, "fields": [Self.bare.merging(code)]] as Model]
        }
        var group: Model = ["isOpen": isOpen]
        if let further = shape.furtherMembers, shape.properties.isEmpty {
            group["rows"] = (value?.object ?? JSONObject()).map { name, member in
                row(further, member, at: path.appending(name), title: name)
            }
            group["add"] = [
                "value": "add:\(path)", "key": "key.\(path)", "thing": Wording.inside(further.title ?? "entry"),
            ]
            group["isOpen"] = isOpen || value?.object?.isEmpty == false
        } else {
            group["fields"] = members(shape, value, at: path)
            let filled = (value?.object ?? JSONObject()).count
            if filled > 0 { group["filled"] = filled }
        }
        return ["group": group]
    }

    /// Whether a group holds what a person has to see: a message, or what a button just did.
    private func isOpen(_ path: JSONPath) -> Bool {
        (messages.keys + [touched].compactMap { $0 }).contains { $0.elements.starts(with: path.elements) }
    }

    private func array(_ shape: SchemaShape, _ value: JSON?, at path: JSONPath) -> Model {
        let elements = value?.array ?? []
        // What was just added has nothing in it yet, whatever it will be.
        let isEmpty = value == nil || value?.object?.isEmpty == true
        guard let items = shape.items, isEmpty || value?.array != nil else { return json(value, at: path) }
        let types = items.types
        if types.isDisjoint(with: ["array", "object"]), elements.allSatisfy({ $0.controlText != nil }) {
            let texts = elements.compactMap(\.controlText)
            if let values = items.keywords["enum"]?.array?.compactMap(\.controlText) {
                return boxes(values.map { ($0, $0) }, texts, path)
            }
            if let reference = resource?.reference(at: path.appending(0)),
                let choices = visit.choices(of: reference.target, limit: 30)
            {
                return boxes(choices.map { ($0.id, $0.name) }, texts, path)
            }
            return ["area": area(texts.joined(separator: "\n"), min(max(texts.count + 1, 2), 12)), "isLines": true]
        }
        guard types == ["object"], path.elements.count < Self.depthLimit else { return json(value, at: path) }
        var group: Model = ["isOpen": isOpen(path) || !elements.isEmpty]
        group["rows"] = elements.enumerated().map { index, element in
            let title = "\(items.title ?? "Entry") \(index + 1)"
            var row = row(items, element, at: path.appending(index), title: title)
            if index > 0 { row["up"] = "up:\(path.appending(index))" }
            return row
        }
        group["add"] = ["value": "add:\(path)", "thing": Wording.inside(items.title ?? "entry")]
        return ["group": group]
    }

    private func row(_ shape: SchemaShape, _ value: JSON, at path: JSONPath, title: String) -> Model {
        var fields =
            shape.types == ["object"] && !shape.properties.isEmpty
            ? members(shape, value, at: path)
            : [field(shape, value, at: path, name: title, isRequired: false)]
        // A group that is the only field of a row has the row's path and its title by itself.
        let isGroup = fields.count == 1 && fields[0]["group"] != nil
        if isGroup { fields[0]["label"] = title }
        return [
            "title": title, "id": isGroup ? "row.\(path)" : "data.\(path)", "isGroup": isGroup, "fields": fields,
            "remove": "remove:\(path)",
        ]
    }

    private func boxes(_ options: [(String, String)], _ chosen: [String], _ path: JSONPath) -> Model {
        let all = options + chosen.filter { text in !options.contains { $0.0 == text } }.map { ($0, $0) }
        return [
            "boxes": all.enumerated().map { index, option in
                [
                    "name": "data.\(path.appending(index))", "value": option.0, "label": option.1,
                    "isOn": chosen.contains(option.0),
                ] as Model
            }
        ]
    }
}

extension JSONPath {
    /// Whether it leads to what nobody is shown again.
    var isSecret: Bool { elements.count == 1 && elements[0].hasSuffix("password") }
}
