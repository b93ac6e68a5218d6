using System.Globalization;
using System.Text.RegularExpressions;
using Rebound.Server.Http;

namespace Rebound.Server.OpenAi;

/// <summary>
/// Where each message of a chat comes from in a request for a response, so that an error tells the request's own members and not those
/// that they were made to.
/// </summary>
/// <param name="places">Of each message, for example <c>input[3]</c>.</param>
internal sealed partial class ItemPlaces(IReadOnlyList<string> places)
{
    public const string Input = "input";

    /// <summary>Does what may fail at a message.</summary>
    /// <exception cref="ApiException">It fails, at a member of the request.</exception>
    public T Telling<T>(Func<T> read)
    {
        try
        {
            return read();
        }
        catch (ApiException e) when (e.Parameter is { } parameter && Message().IsMatch(parameter))
        {
            throw new ApiException(e.Status, e.Type, Quoted().Replace(e.Message, Place), e.InnerException)
            {
                Code = e.Code,
                Parameter = Message().Replace(parameter, Place),
                RetryAfter = e.RetryAfter,
            };
        }
    }

    private string Place(Match match) =>
        match.Groups["index"] is { Success: true } index
            && places.ElementAtOrDefault(int.Parse(index.ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture)) is { } place
            ? place
            : Input;

    [GeneratedRegex(@"^messages(\[(?<index>[0-9]{1,9})\])?", RegexOptions.CultureInvariant, Timeout.Infinite)]
    private static partial Regex Message();

    [GeneratedRegex(@"(?<=')messages(\[(?<index>[0-9]{1,9})\])?", RegexOptions.CultureInvariant, Timeout.Infinite)]
    private static partial Regex Quoted();
}
