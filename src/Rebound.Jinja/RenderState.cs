using System.Text;
using Rebound.Jinja.Values;

namespace Rebound.Jinja;

/// <summary>One rendering under way: its output, where it is, and what is left of its limits.</summary>
internal sealed class RenderState(ChatTemplateLimits limits, TimeProvider clock, object?[] globals)
{
    private const int CharactersPerStep = 16;
    private const int ElementsPerStep = 4;
    private const int ComparedPerStep = 4096;

    [ThreadStatic]
    private static RenderState? _current;

    private StringBuilder _output = new();
    private long _stepsLeft = limits.Steps;
    private int _callDepth;

    public TimeProvider Clock { get; } = clock;

    /// <summary>Values of the names that come from outside the template.</summary>
    public object?[] Globals { get; } = globals;

    /// <summary>Line of the statement being executed.</summary>
    public int Line { get; set; }

    /// <summary>
    /// The rendering under way on this thread: what counts the work deep inside values, which know no rendering. Null outside
    /// of one.
    /// </summary>
    public static RenderState? Current => _current;

    /// <summary>Steps that the rendering took.</summary>
    public long Steps => limits.Steps - _stepsLeft;

    public string Output => _output.ToString();

    public void Write(string text)
    {
        if (_output.Length + (long)text.Length > limits.TextLength)
        {
            throw TooLong();
        }

        _output.Append(text);
    }

    /// <summary>Counts one step of work.</summary>
    public void Step() => Spend(1);

    /// <summary>Counts the work of reading or making a text of this length.</summary>
    public void SpendText(long length) => Spend(length / CharactersPerStep);

    /// <summary>
    /// Counts the work of looking for a text in another: at worst every place is compared with all of it, a few hundred
    /// characters at once.
    /// </summary>
    public void SpendSearch(long length, long sought) =>
        Spend((length / CharactersPerStep) + (long)((Int128)length * sought / ComparedPerStep));

    /// <summary>Asked while a text grows, before it has this length; its work is counted when it is made.</summary>
    public void CheckLength(long length)
    {
        if (length > limits.TextLength)
        {
            throw TooLong();
        }
    }

    /// <summary>Asked before a text of this length is made.</summary>
    public void ReserveText(long length)
    {
        CheckLength(length);
        SpendText(length);
    }

    /// <summary>Asked before a list of this many elements is made.</summary>
    public void ReserveElements(long count)
    {
        if (count > limits.ListLength)
        {
            throw Fault.Limit($"a list would have {count} elements, more than the limit of {limits.ListLength}");
        }

        Spend(count / ElementsPerStep);
    }

    /// <summary>Makes this the thread's rendering; the result gives it back the one before.</summary>
    public Rendering Begin()
    {
        var rendering = new Rendering(_current);
        _current = this;
        return rendering;
    }

    /// <summary>Collects what the statements write as a text of its own.</summary>
    public Capture BeginCapture()
    {
        var capture = new Capture(this, _output);
        _output = new StringBuilder();
        return capture;
    }

    /// <summary>Enters a macro or a recursive loop; the result leaves it.</summary>
    public Call EnterCall()
    {
        Step();
        StackGuard.Check();
        if (++_callDepth > limits.CallDepth)
        {
            throw Fault.Limit($"macros or loops call one another more than {limits.CallDepth} deep");
        }

        return new Call(this, Line);
    }

    private void Spend(long steps)
    {
        if ((_stepsLeft -= steps) < 0)
        {
            throw Fault.Limit($"rendering took more than the limit of {limits.Steps} steps");
        }
    }

    private ChatTemplateException TooLong() =>
        Fault.Limit($"a text became longer than the limit of {limits.TextLength} characters");

    /// <summary>A rendering under way; disposing it gives the thread back the one before.</summary>
    public readonly struct Rendering(RenderState? outer) : IDisposable
    {
        public void Dispose() => _current = outer;
    }

    /// <summary>A text being collected; disposing it gives the output back to what surrounds it.</summary>
    public readonly struct Capture(RenderState state, StringBuilder outer) : IDisposable
    {
        public string Text
        {
            get
            {
                state.SpendText(state._output.Length);
                return state._output.ToString();
            }
        }

        public void Dispose() => state._output = outer;
    }

    /// <summary>A call under way; disposing it returns to the caller's line and depth.</summary>
    public readonly struct Call(RenderState state, int line) : IDisposable
    {
        public void Dispose()
        {
            state._callDepth--;
            state.Line = line;
        }
    }
}
