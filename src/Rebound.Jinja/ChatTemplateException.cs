namespace Rebound.Jinja;

/// <summary>The kind of fault that a <see cref="ChatTemplateException"/> reports.</summary>
public enum ChatTemplateFault
{
    /// <summary>The template's source cannot be understood: bad syntax, or a tag, filter or test that does not exist.</summary>
    Syntax,

    /// <summary>An expression failed while rendering, such as an attribute of an undefined value.</summary>
    Evaluation,

    /// <summary>The template itself called <c>raise_exception</c>: the messages do not suit it.</summary>
    Raised,

    /// <summary>A bound of <see cref="ChatTemplateLimits"/> was reached.</summary>
    Limit,
}

/// <summary>A chat template could not be parsed, or could not be rendered for the given messages.</summary>
public sealed class ChatTemplateException : Exception
{
    /// <summary>Creates the exception for a fault at a line of the template; line 0 means not known yet.</summary>
    public ChatTemplateException(ChatTemplateFault fault, string description, int line = 0, Exception? innerException = null)
        : base(Compose(fault, description, line), innerException)
    {
        Fault = fault;
        Description = description;
        Line = line;
    }

    /// <summary>Whether the template refused the messages itself, or failed.</summary>
    public ChatTemplateFault Fault { get; }

    /// <summary>The fault, without its place; for <see cref="ChatTemplateFault.Raised"/> the template's own words.</summary>
    public string Description { get; }

    /// <summary>Line of the template, counted from 1; 0 if none applies.</summary>
    public int Line { get; }

    /// <summary>The same fault, placed at a line.</summary>
    internal ChatTemplateException At(int line) => new(Fault, Description, line, this);

    private static string Compose(ChatTemplateFault fault, string description, int line)
    {
        if (fault == ChatTemplateFault.Raised)
        {
            return description;
        }

        return line > 0 ? $"Chat template, line {line}: {description}" : $"Chat template: {description}";
    }
}
