using Rebound.Jinja.Values;

namespace Rebound.Jinja.Library;

/// <summary>Python's stable sort.</summary>
internal static class Sorting
{
    public static object?[] Stable(IEnumerable<object?> items, Func<object?, object?> key, bool isReversed)
    {
        var byKey = Comparer<object?>.Create(PythonOrder.ForSorting);
        try
        {
            return [.. isReversed ? items.OrderByDescending(key, byKey) : items.OrderBy(key, byKey)];
        }
        catch (InvalidOperationException exception) when (exception.InnerException is ChatTemplateException fault)
        {
            throw fault.At(0);
        }
    }
}
