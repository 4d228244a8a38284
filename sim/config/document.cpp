// SPDX-License-Identifier: Apache-2.0
#include "sim/config/document.h"

#include <algorithm>

#include <fmt/format.h>

#include "models/base/errors.h"
#include "sim/config/check.h"
#include "sim/config/json.h"
#include "sim/config/locate.h"

namespace razorsim {
namespace fs = std::filesystem;
namespace {

using Kind = Shape::Kind;

Value defaults(const Shape& shape) {
  JsonObject members;
  for (const FieldShape& each : shape.fields)
    members.push_back({std::string(each.name), each.initial});
  return members;
}

/// Files being read, outermost first, to notice one that extends itself.
class Expander {
 public:
  Value read(std::string_view name, const Shape& shape, const fs::path& beside) {
    const fs::path file = find_config(shape.folder, name, beside);
    const fs::path same = fs::weakly_canonical(file);
    if (std::find(open_.begin(), open_.end(), same) != open_.end()) {
      throw ConfigError("extends", fmt::format("'{}' extends itself{}", file.string(), chain()));
    }
    open_.push_back(same);
    Value value = expand(read_json_file(file), shape, file.parent_path());
    open_.pop_back();
    return value;
  }

  Value expand(Value value, const Shape& shape, const fs::path& beside) {
    if (shape.kind == Kind::list && value.array()) {
      for (Value& each : *value.array()) each = expand(std::move(each), shape.element[0], beside);
    } else if (shape.kind == Kind::dictionary && value.object()) {
      for (Member& each : *value.object())
        each.value = expand(std::move(each.value), shape.element[0], beside);
    }
    if (shape.kind != Kind::record) return value;
    // A name stands for the whole part, so what the file leaves out is the default, not what
    // another file below says.
    if (!shape.folder.empty() && value.text())
      return merge(defaults(shape), read(*value.text(), shape, beside));
    JsonObject* members = value.object();
    if (!members) return value;
    for (Member& member : *members) {
      if (const FieldShape* field = shape.find(member.key)) {
        member.value = expand(std::move(member.value), field->shape, beside);
      }
    }
    const auto base = std::find_if(members->begin(), members->end(),
                                   [](const Member& each) { return each.key == "extends"; });
    if (base == members->end() || shape.find("extends") || shape.folder.empty()) return value;
    if (!base->value.text()) {
      throw ConfigError("extends",
                        fmt::format("is {}; allowed: a name or path of configs/{}{}",
                                    shown(base->value), shape.folder, base->origin.text()));
    }
    Value lower = merge(defaults(shape), read(*base->value.text(), shape, beside));
    members->erase(base);
    return merge(std::move(lower), std::move(value));
  }

 private:
  std::string chain() const {
    std::string text;
    for (const fs::path& file : open_)
      text += (text.empty() ? ": " : " -> ") + file.filename().string();
    return text;
  }

  std::vector<fs::path> open_;
};

/// The value of "a.b=value" for a field of this shape.
Value parse_override(const std::string& text, const Shape& shape) {
  const bool names_a_file = shape.kind == Kind::record && !shape.folder.empty();
  const bool quoted_or_object = !text.empty() && (text[0] == '"' || text[0] == '{');
  if ((shape.kind == Kind::text || shape.kind == Kind::choice || names_a_file) &&
      !quoted_or_object) {
    return Value(text);
  }
  try {
    return parse_json(text, "--set");
  } catch (const ConfigError&) {
    return Value(text);  // the check then says what is allowed
  }
}

void apply(Value& root, const Shape& shape, const std::string& assignment,
           std::vector<Problem>& problems) {
  const auto equals = assignment.find('=');
  if (equals == assignment.npos || equals == 0) {
    problems.push_back({"--set " + assignment, "has the form key.path=value"});
    return;
  }
  const std::string path = assignment.substr(0, equals);
  const Origin origin{std::make_shared<const std::string>("--set " + assignment), 0};
  Value* at = &root;
  const Shape* here = &shape;
  std::size_t begin = 0;
  while (true) {
    const auto dot = std::min(path.find('.', begin), path.size());
    const std::string key = path.substr(begin, dot - begin);
    if (here->kind == Kind::list && at->array()) {
      const bool digits =
          !key.empty() && key.size() < 7 && std::all_of(key.begin(), key.end(), ::isdigit);
      if (!digits || std::stoul(key) >= at->array()->size()) {
        problems.push_back(
            {path.substr(0, dot), fmt::format("'{}' is no place in this list of {}{}", key,
                                              at->array()->size(), origin.text())});
        return;
      }
      at = &(*at->array())[std::stoul(key)];
      here = &here->element[0];
    } else if (here->kind == Kind::dictionary) {
      at = at->find(key) ? at->find(key) : &at->set(key, Value());
      here = &here->element[0];
    } else {
      const FieldShape* field = here->find(key);
      if (!field) {
        problems.push_back(
            {path.substr(0, dot), (here->fields.empty() ? "is no object, so it has no keys"
                                                        : unknown_key(key, *here, shape)) +
                                      origin.text()});
        return;
      }
      if (!at->object()) *at = JsonObject{};
      // An absent part is its default, so a path may go through it.
      at = at->find(key) ? at->find(key)
                         : &at->set(key, dot < path.size() && field->shape.kind != Kind::record
                                             ? field->initial
                                             : Value());
      here = &field->shape;
    }
    if (dot == path.size()) break;
    begin = dot + 1;
  }
  *at = expand(parse_override(assignment.substr(equals + 1), *here), *here, {});
  // The last key came from --set, and messages about it say so.
  Value* owner = &root;
  for (std::size_t from = 0; owner && owner->object();) {
    const auto dot = std::min(path.find('.', from), path.size());
    for (Member& member : *owner->object()) {
      if (member.key != path.substr(from, dot - from)) continue;
      if (dot == path.size()) member.origin = origin;
      owner = &member.value;
      break;
    }
    if (dot == path.size()) break;
    from = dot + 1;
  }
}

}  // namespace

Value read_document(std::string_view name, const Shape& shape) {
  return Expander().read(name, shape, {});
}

Value expand(Value value, const Shape& shape, const fs::path& beside) {
  return Expander().expand(std::move(value), shape, beside);
}

void apply_overrides(Value& value, const Shape& shape, std::span<const std::string> overrides) {
  std::vector<Problem> problems;
  for (const std::string& each : overrides) apply(value, shape, each, problems);
  if (!problems.empty()) throw ConfigError(std::move(problems));
}

Value merge(Value lower, Value upper) {
  if (!lower.object() || !upper.object()) return upper;
  for (Member& member : *upper.object()) {
    JsonObject& below = *lower.object();
    const auto same = std::find_if(below.begin(), below.end(),
                                   [&](const Member& each) { return each.key == member.key; });
    if (same == below.end()) {
      below.push_back(std::move(member));
    } else {
      same->value = merge(std::move(same->value), std::move(member.value));
      same->origin = member.origin;
    }
  }
  return lower;
}

}  // namespace razorsim
