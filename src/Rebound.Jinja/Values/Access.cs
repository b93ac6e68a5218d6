using Rebound.Jinja.Library;
using Rebound.Python;

namespace Rebound.Jinja.Values;

/// <summary>
/// <c>value.name</c> and <c>value[key]</c>. As in Jinja a dot looks for an attribute first and a key second, brackets the
/// other way round. Attributes are those listed here and in the method tables: nothing reaches .NET by name.
/// </summary>
internal static class Access
{
    public static object? Attribute(object? owner, string name)
    {
        if (owner is Undefined undefined)
        {
            throw undefined.Used();
        }

        if (TryMember(owner, name, out var member))
        {
            return member;
        }

        return owner is DictValue dict && dict.TryGet(name, out var value) ? value : Undefined.Attribute(owner, name);
    }

    public static object? Element(object? owner, object? key)
    {
        if (owner is Undefined undefined)
        {
            throw undefined.Used();
        }

        if (TryElement(owner, key, out var element))
        {
            return element;
        }

        return PythonType.IsText(key) && TryMember(owner, PythonText.Of(key), out var member)
            ? member
            : Undefined.Element(owner, key);
    }

    /// <summary><c>value[start:stop:step]</c>.</summary>
    public static object? Cut(RenderState state, object? owner, object? start, object? stop, object? step)
    {
        switch (owner)
        {
            case string text:
                state.SpendText(text.Length);
                return PythonText.Cut(text, Slice.Resolve(start, stop, step, PythonString.Length(text)));
            case Markup markup:
                state.SpendText(markup.Text.Length);
                return new Markup(PythonText.Cut(markup.Text, Slice.Resolve(start, stop, step, PythonString.Length(markup.Text))));
            case ISequence sequence:
                var slice = Slice.Resolve(start, stop, step, sequence.Count);
                state.ReserveElements(slice.Count);
                return sequence.Select(slice);
            case Undefined undefined:
                throw undefined.Used();
            case DictValue:
                throw Fault.Evaluation("unhashable type: 'slice'");
            default:
                throw Fault.Evaluation($"'{PythonType.NameOf(owner)}' object is not subscriptable");
        }
    }

    private static bool TryElement(object? owner, object? key, out object? element)
    {
        element = null;
        switch (owner)
        {
            case DictValue dict:
                return key is not (ListValue or DictValue or DictView) && dict.TryGet(key, out element);
            case ISequence sequence when TryIndex(key, out var index):
                index = index < 0 ? index + sequence.Count : index;
                var inside = index >= 0 && index < sequence.Count;
                element = inside ? sequence[(int)index] : null;
                return inside;
            case string text when TryIndex(key, out var index):
                element = PythonText.CharacterAt(text, index);
                return element is not null;
            case Markup markup when TryIndex(key, out var index):
                element = PythonText.CharacterAt(markup.Text, index) is { } character ? new Markup(character) : null;
                return element is not null;
            default:
                return false;
        }
    }

    private static bool TryIndex(object? key, out long index)
    {
        index = key is long number ? number : key is true ? 1 : 0;
        return key is long or bool;
    }

    private static bool TryMember(object? owner, string name, out object? member)
    {
        if (name.StartsWith("__", StringComparison.Ordinal) && name.EndsWith("__", StringComparison.Ordinal))
        {
            member = Undefined.Unsafe(owner, name);
            return true;
        }

        if (Methods.Find(owner, name) is { } method)
        {
            member = new BoundMethod(method, owner);
            return true;
        }

        if (Methods.IsForbidden(owner, name))
        {
            member = Undefined.Unsafe(owner, name);
            return true;
        }

        return owner switch
        {
            NamespaceValue space => space.Attributes.TryGet(name, out member),
            LoopValue loop => loop.TryMember(name, out member),
            MacroValue macro => macro.TryMember(name, out member),
            Cycler cycler => cycler.TryMember(name, out member),
            GroupValue group => group.TryMember(name, out member),
            _ => NoMember(out member),
        };
    }

    private static bool NoMember(out object? member)
    {
        member = null;
        return false;
    }
}
