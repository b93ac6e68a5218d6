using System.Text;

namespace Rebound.Trajectories.Rendering;

/// <summary>
/// A conversation as text in the form of Llama 2's chat models
/// (https://huggingface.co/meta-llama/Llama-2-7b-chat), cut where the loss begins and ends:
/// <c>[INST] question [/INST]</c> | <c> answer &lt;/s&gt;</c> | <c>&lt;s&gt;[INST] next question [/INST]</c>.
/// Neighbours that are alike in the loss are one span, because spans are encoded apart. After the last turn nothing is
/// written that only leads to a next one.
/// </summary>
internal sealed class Llama2Spans
{
    public const string Begin = "<s>";
    public const string End = "</s>";

    private const string UserTag = "[INST]";
    private const string AssistantTag = "[/INST]";

    private readonly List<LossSpan> _spans = [];
    private readonly StringBuilder _text = new();
    private bool _inLoss;

    /// <summary>The separator before the next turn.</summary>
    private string _gap = $"{UserTag} ";

    private Llama2Spans()
    {
    }

    /// <exception cref="FormatException">A system turn is not the first one.</exception>
    public static IReadOnlyList<LossSpan> Of(IReadOnlyList<Turn> turns)
    {
        var spans = new Llama2Spans();
        spans.AddAll(turns);
        return spans.Finish();
    }

    /// <summary>The turns, and what stands between them and an answer.</summary>
    /// <exception cref="FormatException">A system turn is not the first one.</exception>
    public static IReadOnlyList<LossSpan> Before(IReadOnlyList<Turn> turns)
    {
        var spans = new Llama2Spans();
        spans.AddAll(turns);
        spans.Write(spans._gap + AssistantTag, inLoss: false);
        return spans.Finish();
    }

    /// <summary>An answer in the loss that is not over.</summary>
    public static LossSpan Begun(Turn turn) => new($" {turn.Content}", InLoss: true);

    private void AddAll(IReadOnlyList<Turn> turns)
    {
        var isFirst = true;
        foreach (var (index, turn) in turns.Index())
        {
            switch (turn.Role)
            {
                case Roles.System when index == 0:
                    _gap = $"{UserTag} <<SYS>>\n{turn.Content}\n<</SYS>>\n\n";
                    continue;
                case Roles.System:
                    throw new FormatException($"turn {index} is the system's; the llama-2 renderer takes one as the first turn only.");
                case Roles.Assistant:
                    AddAnswer(turn);
                    break;
                default:
                    Write(isFirst ? $"{_gap}{turn.Content}" : $"{_gap}{UserTag} {turn.Content}", inLoss: false);
                    _gap = " ";
                    break;
            }

            isFirst = false;
        }
    }

    private void AddAnswer(Turn turn)
    {
        Write(_gap + AssistantTag, inLoss: false);
        if (turn.Loss)
        {
            Write($" {turn.Content} {End}", inLoss: true);
            _gap = Begin;
        }
        else
        {
            Write($" {turn.Content}", inLoss: false);
            _gap = $" {End}{Begin}";
        }
    }

    private void Write(string text, bool inLoss)
    {
        if (inLoss != _inLoss)
        {
            Close();
            _inLoss = inLoss;
        }

        _text.Append(text);
    }

    private void Close()
    {
        if (_text.Length > 0)
        {
            _spans.Add(new LossSpan(_text.ToString(), _inLoss));
            _text.Clear();
        }
    }

    private List<LossSpan> Finish()
    {
        Close();
        return _spans;
    }
}
