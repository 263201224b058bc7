// #[derive(ChipUsageGetter, Chip)]
// #[vm(crate = "crate::renamed::core")]
// pub struct Wrapped(AddChip);

pub struct Wrapped(AddChip);
const _: () = {
    #[automatically_derived]
    impl crate::renamed::core::__private::ChipUsageGetter for Wrapped {
        fn air_name(&self) -> ::std::string::String {
            <AddChip as crate::renamed::core::__private::ChipUsageGetter>::air_name(
                &self.0,
            )
        }
        fn current_trace_height(&self) -> ::core::primitive::usize {
            <AddChip as crate::renamed::core::__private::ChipUsageGetter>::current_trace_height(
                &self.0,
            )
        }
        fn trace_width(&self) -> ::core::primitive::usize {
            <AddChip as crate::renamed::core::__private::ChipUsageGetter>::trace_width(
                &self.0,
            )
        }
    }
};
const _: () = {
    #[automatically_derived]
    impl crate::renamed::core::__private::Chip for Wrapped {
        fn air(&self) -> crate::renamed::core::__private::AirRef {
            <AddChip as crate::renamed::core::__private::Chip>::air(&self.0)
        }
        fn generate_traces(
            &mut self,
            __ctx: &crate::renamed::core::__private::TraceContext<'_>,
        ) -> ::core::result::Result<
            crate::renamed::core::__private::ChipTraces,
            crate::renamed::core::__private::GenerationError,
        > {
            <AddChip as crate::renamed::core::__private::Chip>::generate_traces(
                &mut self.0,
                __ctx,
            )
        }
        fn can_set_aside(&self) -> ::core::primitive::bool {
            <AddChip as crate::renamed::core::__private::Chip>::can_set_aside(&self.0)
        }
        fn set_aside(
            &mut self,
            __is_fused: &mut dyn ::core::ops::FnMut(
                ::core::primitive::u32,
            ) -> ::core::primitive::bool,
        ) -> ::core::primitive::usize {
            <AddChip as crate::renamed::core::__private::Chip>::set_aside(
                &mut self.0,
                __is_fused,
            )
        }
        fn fill_set_aside(
            &self,
            __ctx: &crate::renamed::core::__private::TraceContext<'_>,
            __index: ::core::primitive::usize,
            __row: &mut [crate::renamed::core::__private::F],
        ) -> ::core::result::Result<
            (),
            crate::renamed::core::__private::GenerationError,
        > {
            <AddChip as crate::renamed::core::__private::Chip>::fill_set_aside(
                &self.0,
                __ctx,
                __index,
                __row,
            )
        }
        fn as_lookup_table(
            &self,
        ) -> ::core::option::Option<&dyn crate::renamed::core::__private::LookupTable> {
            <AddChip as crate::renamed::core::__private::Chip>::as_lookup_table(&self.0)
        }
    }
};
